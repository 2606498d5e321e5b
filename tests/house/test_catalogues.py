"""Every sentence of the catalogues is said by somebody, every sentence that is said stands there, in each language."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from desk.commands.confirming import Unclear
from desk.commands.reading.ask import Scope, View
from desk.commands.table import COMMANDS, HelpGroup
from desk.commands.taking_back import FIELDS, Whole
from desk.commands.waiting import Ended
from desk.reports.health.facts import AlarmKind
from desk.reports.report import AGES
from desk.ticket import Category, Priority, Status
from desk.trust.missing import Missing
from mail.outbound.catalogue import DayForm, languages
from models.reports.search.places import Place
from tests.support.values.words import TEMPLATES, sentences_of

ROOT = Path(__file__).parents[2]
ROOMS = ("desk", "worker", "models", "mail/outbound")
# Where a name is made of a beginning and a value: the beginning, which stands so in the code or without its last sign,
# and all values.
MADE: dict[str, Sequence[str]] = {
    "labels.status_": list(Status),
    "labels.priority_": list(Priority),
    "labels.category_": list(Category),
    "labels.now_": [*Status, *Priority, *Category],
    "commands.already_": list(Status),
    "commands.does_": list(COMMANDS),
    "commands.group_": list(HelpGroup),
    "commands.": list(Ended),
    "undo.": [
        *(f"{field}_{changed}" for field in FIELDS for changed in ("changed", "changed_by")),
        *(f"{whole}{where}" for whole in Whole for where in ("", "_off_ticket")),
    ],
    "formats.": ["minutes", "hours", "days", "short_hours", "short_minutes", *get_args(DayForm)],
    "reports.age_": [age for age, _ in AGES],
    "alarms.": [
        *(f"{kind}_{part}" for kind in AlarmKind for part in ("title", "advice")),
        *("no_worker", "no_worker_ever", "no_beat", "no_beat_ever", "undecided", "unannounced", "outbox_piling"),
    ],
    "held.confirmed_": list(Unclear),
    "held.why_": list(Missing),
    "lists.": [*Scope, View.SHOW, View.HISTORY],
    "lists.how_to_": [View.SHOW, View.HISTORY],
    "lists.place_": list(Place),
}
# Sentences that are the same in both languages.
ALIKE = {"base.ticket", "commands.help", "formats.plain", "formats.two_sentences"}
KEY = re.compile(r"[a-z][a-z-]*\.[a-z_]+")


@cache
def named() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What stands in the code and the templates: names of sentences, beginnings of those that are made, and said ones.

    A string may look like a name and be none; what is an argument of `said` or `say` is one.
    """
    whole, begun, told = set[str](), set[str](), set[str]()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                told |= {str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)}
    for path in (path for path in TEMPLATES.rglob("*") if path.suffix in {".txt", ".html"}):
        whole |= set(keys_in_template(path))
        told |= set(keys_in_template(path))
    return frozenset(whole), frozenset(begun), frozenset(told)


def keys_in_template(path: Path) -> Iterator[str]:
    """The names in the calls of `say`, of which one may choose between two."""
    for call in re.findall(r"\bsay\(([^,)]*)", path.read_text(encoding="utf-8")):
        yield from (name for name in re.findall(r'"([^"]*)"', call) if KEY.fullmatch(name))


def test_each_sentence_of_the_catalogues_is_said_by_somebody() -> None:
    whole, begun, _ = named()
    here = [beginning for beginning in MADE if beginning in begun or beginning[:-1] in whole]
    made = {f"{beginning}{value}" for beginning in here for value in MADE[beginning]}

    assert sorted(sentences_of("en").keys() - whole - made) == []


def test_each_sentence_that_is_said_stands_in_the_catalogues() -> None:
    assert sorted(named()[2] - sentences_of("en").keys()) == []


@pytest.mark.parametrize("beginning", MADE)
def test_each_name_that_is_made_of_a_value_stands_in_the_catalogues(beginning: str) -> None:
    assert [value for value in MADE[beginning] if f"{beginning}{value}" not in sentences_of("en")] == []


@pytest.mark.parametrize("language", [one for one in languages([TEMPLATES]) if one != "en"])
def test_no_sentence_of_another_language_is_left_in_english(language: str) -> None:
    base = sentences_of("en")

    left = [key for key, forms in sentences_of(language).items() if key not in ALIKE and set(forms) & set(base[key])]
    assert left == []
