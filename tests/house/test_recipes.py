"""What the recipes of CONTRIBUTING name and no other test would miss, were it forgotten."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint

from desk.commands.command import Changes, Effect
from desk.commands.each.away import Away
from desk.commands.taking_back import DEEDS, ChangeKind
from desk.intake.rule_names import RuleName
from desk.notices.events import EventKind
from models.schema.metadata import metadata
from worker.intake.effects.table import EFFECTS
from worker.settings.keys import entry_of, keys_of
from worker.settings.model import Settings

ROOT = Path(__file__).parents[2]
# This file holds all keys of rules anyway, whichever of them are tried.
STORED_KEYS = "test_rule_names.py"


@cache
def attributes_read(*folders: str) -> frozenset[str]:
    """Each name that code below these folders uses as an attribute."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8")) for folder in folders for path in (ROOT / folder).rglob("*.py")
    )
    return frozenset(node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute))


@cache
def text_of_desk_tests() -> str:
    """The text of all unit tests of the desk."""
    files = sorted((ROOT / "tests/unit/desk").rglob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != STORED_KEYS)


def keys_below(kind: Any) -> Iterator[str]:
    """Each key of the settings that is no table itself, without the tables that it stands in."""
    for name, inner in keys_of(entry_of(kind) or kind).items():
        yield from list(keys_below(inner)) or [name]


def test_each_setting_is_read_somewhere() -> None:
    assert sorted(set(keys_below(Settings)) - attributes_read("worker", "desk")) == []


def test_each_change_that_a_command_asks_for_is_carried_out() -> None:
    read = attributes_read("worker/intake", "desk/intake")

    assert [field.name for field in fields(Changes) if field.name not in read] == []


def test_each_effect_that_a_command_asks_for_is_carried_out() -> None:
    # A dataclass with slots is made twice, so they are compared by name.
    assert {one.__name__ for one in Effect.__subclasses__()} == {one.__name__ for one in (*EFFECTS, Away)}


def test_what_each_effect_did_is_kept_under_a_key_of_its_own() -> None:
    kinds = [carrier.kind for carrier in EFFECTS.values() if carrier.kind]

    # A ticket for who phoned is no effect that is carried out there; of absences only those of others are.
    assert sorted([*kinds, ChangeKind.FOR]) == sorted(DEEDS)


@pytest.mark.parametrize("name", RuleName)
def test_each_rule_of_intake_decides_in_a_test(name: RuleName) -> None:
    assert f'"{name}"' in text_of_desk_tests()


def test_each_kind_of_event_is_recorded_by_somebody() -> None:
    recorded = attributes_read("models/events")
    triggers = (ROOT / "models/events/triggers.py").read_text(encoding="utf-8")

    assert [kind for kind in EventKind if kind.name not in recorded and f"'{kind}'" not in triggers] == []


def test_each_kind_of_event_may_stand_in_its_table() -> None:
    checks = [part for part in metadata.tables["mail.event"].constraints if isinstance(part, CheckConstraint)]

    (kinds,) = (str(check.sqltext) for check in checks if "kind IN" in str(check.sqltext))
    assert set(re.findall(r"'(\w+)'", kinds)) == set(EventKind)
