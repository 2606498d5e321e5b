"""The page about the settings: it is what the command prints, every key says what it is, and its examples are good."""

import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from worker.cli.main import main
from worker.cli.pages.settings import page
from worker.settings.environment import PLAIN_NAMES, SECRETS, overlay, variable_of
from worker.settings.keys import entry_of, keys_of, kind_at
from worker.settings.model import Settings
from worker.settings.origins.reference import NAMES, Key, tables

TOP = Path(__file__).parents[4]
DOCS = TOP / "docs" / "configuration.md"
SENTENCE = re.compile(r"[A-Z`].*\.", re.DOTALL)
# Tables are shown by their own keys.
KEYS = {f"{table.name}.{key.name}": key for table in tables() for key in table.keys}
VALUES = {name: key for name, key in KEYS.items() if key.kind != "table"}


def path_of(name: str) -> tuple[str | int, ...]:
    """`mailbox.oauth.key` as a path in a file with one entry of each list."""
    path: tuple[str | int, ...] = ()
    for part in name.split("."):
        path += (part, 0) if part in NAMES else (part,)
    return path


def test_the_page_in_the_repository_is_the_one_that_is_made() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), "say `supportdesk config document > docs/configuration.md`"


def test_the_page_is_printed() -> None:
    assert CliRunner().invoke(main, ["config", "document"]).output == page()


def test_every_key_of_the_settings_has_its_place_on_the_page() -> None:
    def below(kind: object, path: str) -> list[str]:
        inner = keys_of(entry_of(kind) or kind)
        return [name for key in inner for name in (f"{path}{key}", *below(inner[key], f"{path}{key}."))]

    assert sorted(KEYS) == sorted(name for name in below(Settings, "") if "." in name)
    headings = re.findall(r"^### `(.*)` in `\[(.*)\]`$", page(), re.MULTILINE)
    assert [f"{table}.{key}" for key, table in headings] == list(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_every_key_says_in_sentences_what_it_is(name: str) -> None:
    assert SENTENCE.fullmatch(KEYS[name].meaning), "give it a docstring below its line"


def test_every_table_says_in_sentences_what_it_is() -> None:
    assert [table.name for table in tables() if not SENTENCE.fullmatch(table.meaning)] == []


@pytest.mark.parametrize("name", VALUES)
def test_every_example_is_a_value_that_the_key_takes(name: str) -> None:
    key, path = VALUES[name], path_of(name)

    given = tomllib.loads(key.example)

    if key.file_key:
        assert list(given) == [key.file_key]
    else:
        hint = get_type_hints(kind_at(Settings, path[:-1]), include_extras=True)[key.name]
        assert list(given) == [key.name]
        TypeAdapter(hint).validate_python(given[key.name])


@pytest.mark.parametrize("name", KEYS)
def test_every_variable_sets_its_key(name: str) -> None:
    *_, own = (one for one in KEYS[name].variables if not one.endswith("_FILE"))

    layered = overlay({"mailbox": [{"name": "support"}], "rule": [{"name": "invoices"}], "report": [{"name": "daily"}]},
                      {own: "x"}, Settings)  # fmt: skip

    assert (layered.problems, list(layered.origins)) == ([], [path_of(name)])
    assert variable_of(path_of(name), NAMES) == own


def test_a_secret_is_marked_with_how_it_is_given() -> None:
    secrets = {name for name in KEYS if name.rpartition(".")[2] in SECRETS}

    assert {name for name, key in KEYS.items() if key.file_key} == secrets
    assert page().count("\n- Secret: in a file of its own") == len(secrets)


def test_what_another_program_calls_a_key_is_named_first() -> None:
    assert {KEYS[".".join(map(str, path))].variables[0] for path in PLAIN_NAMES.values()} == set(PLAIN_NAMES)


def test_every_link_of_the_page_leads_to_a_heading_of_it() -> None:
    headings = re.findall(r"^#+ (.*)$", page(), re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in headings]

    links = re.findall(r"\]\(#([^)]+)\)", page())

    assert len(links) > len(KEYS)
    assert (set(links) - set(anchors), len(set(anchors))) == (set(), len(anchors))


# What the page says of a key, for each kind of value.
SAMPLES = [
    ("desk.announce_within_days", "whole number of days, 1 to 365", "3"),
    ("limits.step_seconds", "number of seconds, more than 0", "60"),
    ("limits.poll_lease_seconds", "whole number of seconds, 2 to 86400", "300"),
    ("mailbox.port", "whole number, 1 to 65535", "993 (tls), 143 (starttls), 143 (plain)"),
    ("mailbox.aliases", "list of mail addresses", "[]"),
    ("mailbox.password", "secret", None),
    ("mailbox.from_start", "true or false", "false"),
    ("report.days", 'list of `"mon"`, `"tue"`, `"wed"`, `"thu"`, `"fri"`, `"sat"` or `"sun"`',
     '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'),
    ("report.at", "time of day", '"07:00"'),
    ("trust.staff", '`"both"` or `"token"`', '"both"'),
    ("rule.when", "text", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "default"), SAMPLES)
def test_kind_bounds_and_default_are_those_of_the_model(name: str, kind: str, default: str | None) -> None:
    key: Key = KEYS[name]

    assert (key.kind, key.default) == (kind, default)
