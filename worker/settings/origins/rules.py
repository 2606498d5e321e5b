"""The routing rules of a settings file with the line of each, also where some of them cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from desk.routing.rules import Rule, RuleFailure, compile_rules
from worker.settings.load import ConfigFailure, check_tables, load, read_tables, settings_file
from worker.settings.messages import sentence
from worker.settings.model import Settings
from worker.settings.origins.positions import lines_of
from worker.settings.types import Section

# A file with these tables alone is tried in place of those of the settings, and all else is taken from there.
OF_ROUTING: Final = frozenset({"rule", "routing"})


class _OneRule(Section):
    rule: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class UnusableRule:
    """A rule that a start would refuse: its name, the line of its table, and why, without a full stop."""

    name: str
    line: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The settings with the rules of a file that can be used, the line of each, and the rules that cannot.

    `default_line` is that of `[routing]` `default`, None where the file has none.
    """

    file: Path
    settings: Settings
    lines: tuple[int | None, ...]
    unusable: tuple[UnusableRule, ...]
    default_line: int | None


def load_rules(config: Path | None, other: Path | None, environ: Mapping[str, str]) -> RuleFile:
    """Read the rules of the settings, or those of `other`, a whole settings file or one with rules and routing alone.

    Raises ConfigFailure for mistakes outside the rules, and for a file that was named and has none.
    """
    file = other or settings_file(config, environ)
    if other is not None and not other.exists():
        raise ConfigFailure((f"{file}: there is no such file, so there is no rule to try",))
    text, data = read_tables(file)
    folder = file.parent
    if other is not None and not data.get("rule"):
        raise ConfigFailure((f"{file}: has no [[rule]] table, so there is no rule to try",))
    if other is not None and data.keys() <= OF_ROUTING:
        # Its own mistakes are named first, with its own name.
        usual = load(config, environ).file
        data, folder = {**read_tables(usual)[1], **data}, usual.parent
    given, lines = data.get("rule"), lines_of(text)
    tables: list[Any] = given if isinstance(given, list) else []
    unusable = {
        place: UnusableRule(_name(table), lines.get(("rule", place)), reason)
        for place, table in enumerate(tables)
        if (reason := _why_unusable(tables, place))
    }
    used = [place for place in range(len(tables)) if place not in unusable]
    if tables:
        data["rule"] = [tables[place] for place in used]
    settings = check_tables(file, text, data, environ, folder).settings
    used_lines = tuple(lines.get(("rule", place)) for place in used)
    return RuleFile(file, settings, used_lines, tuple(unusable.values()), lines.get(("routing", "default")))


def _why_unusable(tables: list[Any], place: int) -> str:
    try:
        (rule,) = _OneRule.model_validate({"rule": [tables[place]]}).rule
        compile_rules([rule])
    except ValidationError as failure:
        return "; ".join(_said(error) for error in failure.errors())
    except RuleFailure as failure:
        return failure.sentence
    names = [_name(table) for table in tables[:place]]
    return "another rule has the same name" if rule.name in names else ""


def _said(error: ErrorDetails) -> str:
    path, text = sentence(error, Settings)
    key = ".".join(str(step) for step in path[2:])
    return f"{key}: {text}" if key else text


def _name(table: Any) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    return name if isinstance(name, str) else ""
