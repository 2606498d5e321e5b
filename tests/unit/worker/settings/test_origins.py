"""Where each value of the settings came from: the line of the file, a variable, or the default."""

from pathlib import Path
from typing import Any

import pytest

from worker.settings.load import ConfigFailure, load
from worker.settings.origins.listing import MASK, Value, bare_secrets, values
from worker.settings.origins.positions import lines_of

GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")

TEXTS: list[tuple[str, dict[tuple[str | int, ...], int]]] = [
    ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
    ("\n# b = 1\n\nb = 2 # c = 3", {("b",): 4}),
    ("[t]\nx = 1\n[t.u]\ny = 2", {("t",): 1, ("t", "x"): 2, ("t", "u"): 3, ("t", "u", "y"): 4}),
    ("a.b = 1", {("a",): 1, ("a", "b"): 1}),
    ("'a b'.\"c=d\" = 1", {("a b",): 1, ("a b", "c=d"): 1}),
    ('a = """\nb = 1\n[c]\n""" # end\nd = 2', {("a",): 1, ("d",): 5}),
    ("a = '''\n[\n'''\nd = 2", {("a",): 1, ("d",): 4}),
    ('a = """x""""\nd = 2', {("a",): 1, ("d",): 2}),
    ('a = "\\"["\nb = \'#[\'\nc = 3', {("a",): 1, ("b",): 2, ("c",): 3}),
    ("a = [\n  1, # one ]\n  2,\n]\nb = 2", {("a",): 1, ("a", 0): 1, ("a", 1): 1, ("b",): 5}),
    ("a = { b = 1, c = { d = 2 } }", {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1}),
    ("[[m]]\nn = 1\n[[m]]\nn = 2", {("m", 0): 1, ("m", 0, "n"): 2, ("m", 1): 3, ("m", 1, "n"): 4}),
    ("[[m]]\n[m.s]\nx = 1\n", {("m", 0): 1, ("m", 0, "s"): 2, ("m", 0, "s", "x"): 3}),
    ("[ 'm' ]\r\nx = 1\r\n", {("m",): 1, ("m", "x"): 2}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "lines"), TEXTS)
def test_each_key_has_the_line_on_which_it_stands(text: str, lines: dict[tuple[str | int, ...], int]) -> None:
    found = lines_of(text)

    assert found == lines


def listed(folder: Path, text: str = GOOD, environ: dict[str, str] | None = None) -> dict[str, Value]:
    file = folder / "supportdesk.toml"
    file.write_text(text, encoding="utf-8")
    return {value.key: value for value in values(load(file, environ or {}))}


NUMBERED: list[tuple[str, Value]] = [
    ("desk.name", Value("desk.name", "Desk", "file", line=3)),
    ("desk.secret_key", Value("desk.secret_key", MASK, "file", line=5)),
    ("desk.previous_secret_keys", Value("desk.previous_secret_keys", [], "default")),
    ("database.url", Value("database.url", MASK, "file", line=8)),
    ("smtp.port", Value("smtp.port", 465, "default")),
    ("smtp.password", Value("smtp.password", None, "default")),
    ('mailbox[2] "Sales team" folder', Value('mailbox[2] "Sales team" folder', "Sales", "file", line=26)),
    ('report[1] "daily" at', Value('report[1] "daily" at', "07:00", "default")),
    ('rule[1] "Invoices" then.priority', Value('rule[1] "Invoices" then.priority', "high", "file", line=37)),
]


@pytest.mark.parametrize(("key", "value"), NUMBERED)
def test_a_value_is_listed_with_its_origin(tmp_path: Path, key: str, value: Value) -> None:
    found = listed(tmp_path)

    assert found[key] == value


VARIABLES: list[tuple[dict[str, str], str, Any, str]] = [
    ({"DATABASE_URL": "postgresql://u:hush@h/d"}, "database.url", MASK, "DATABASE_URL"),
    ({"SUPPORTDESK_SMTP__PORT": "26"}, "smtp.port", 26, "SUPPORTDESK_SMTP__PORT"),
    (
        {"SUPPORTDESK_REPORT__DAILY__DAYS": '["sun"]'},
        'report[1] "daily" days',
        ["sun"],
        "SUPPORTDESK_REPORT__DAILY__DAYS",
    ),
]


@pytest.mark.parametrize(("environ", "key", "value", "variable"), VARIABLES)
def test_a_variable_is_named_where_it_set_the_value(
    tmp_path: Path, environ: dict[str, str], key: str, value: object, variable: str
) -> None:
    found = listed(tmp_path, environ=environ)[key]

    assert (found.value, found.origin, found.variable, found.line) == (value, "environment", variable, None)


def test_a_secret_in_a_file_of_its_own_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "hush").write_text("word\n", encoding="utf-8")
    (tmp_path / "hush").chmod(0o600)

    found = listed(tmp_path, GOOD.replace('password = "imap-hush"', 'password_file = "hush"', 1))

    key = 'mailbox[1] "support" password'
    assert found[key] == Value(key, MASK, "file", line=18, secret_file="hush")


def test_no_secret_is_listed(tmp_path: Path) -> None:
    found = listed(tmp_path)

    assert "hush" not in repr(found)
    assert "0123456789abcdef" not in repr(found)


def test_secrets_in_a_file_that_others_can_read_are_named(tmp_path: Path) -> None:
    file = tmp_path / "supportdesk.toml"
    file.write_text(GOOD, encoding="utf-8")
    file.chmod(0o644)

    sentences = list(bare_secrets(load(file, {"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://x"})))

    begins = [sentence.removeprefix(f"{file}:").partition(" stands")[0] for sentence in sentences]
    assert begins == ["5: desk.secret_key", '18: mailbox[1] "support" password', '28: mailbox[2] "Sales team" password']


def test_secrets_in_a_file_of_the_owner_alone_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "supportdesk.toml"
    file.write_text(GOOD, encoding="utf-8")
    file.chmod(0o600)

    assert list(bare_secrets(load(file, {}))) == []


# What an editor or a full disk leaves of a file.
HALVES = [
    '[desk]\nname = "x',
    "[desk]\n[mail",
    "[desk]\nname =",
    '[desk]\nx = ["a",\n',
    '[desk]\nx = """\na\n\n',
    "[desk]\nx = {",
]


@pytest.mark.parametrize("text", HALVES)
def test_a_half_written_file_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "supportdesk.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigFailure, match=rf"supportdesk\.toml: is not TOML: .*line {len(text.splitlines())}\b"):
        load(file, {})
