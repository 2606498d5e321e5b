"""Sentences for people in their language: a value names one by its key, and a catalogue says it.

A catalogue is the TOML files in the folders of a language, such as `templates/de/labels.toml`. The key of a sentence is
the name of its file and its name in there, with a dot between: `labels.assigned`.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape

BASE_LANGUAGE = "en"
# The templates and catalogues that come with the program.
SHIPPED_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# The name of the value by which a sentence has several forms: by number (the plural categories of CLDR), or by what its
# reader calls a ticket.
COUNT, NOUN = "count", "noun"
NOUNS = frozenset({"ticket", "request"})
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
KILO = 1024
_PLACE = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence by its key, with the values of its placeholders in the order of their names; made by `said`."""

    key: str
    values: tuple[tuple[str, "Value"], ...] = ()


# What a placeholder may stand for: text, a number, an aware time, or a sentence of its own.
Value = str | int | datetime | Said


def said(key: str, **values: Value) -> Said:
    """The sentence with this key; a value may be a sentence itself, and an aware time is written as its reader does."""
    return Said(key, tuple(sorted(values.items())))


def together(first: Said, *others: Said) -> Said:
    """Sentences that follow each other, as one; of thousands none stands deeper in it than a dozen others."""
    rest = [first, *others]
    while len(rest) > 1:
        neighbours = zip(rest[::2], rest[1::2], strict=False)
        pairs = [said("formats.two_sentences", first=one, second=two) for one, two in neighbours]
        rest = pairs + rest[2 * len(pairs) :]
    return rest[0]


DayForm = Literal["day", "date", "short_day"]
# One form, or several by COUNT or by NOUN.
Forms = str | Mapping[str, str]


class CatalogueFailure(Exception):
    """A catalogue cannot be used: the message names its file and the fault; only an edit helps."""


class Catalogue:
    """All sentences of one language; a file that the language does not have is taken from English."""

    def __init__(self, language: str, folders: Sequence[Path]) -> None:
        """Read the language's files from `folders`, of which the first wins, sentence by sentence.

        CatalogueFailure where a file cannot be read, the language is unknown, or a sentence is missing or foreign.
        """
        self.language = language
        self.locale = _locale(language)
        base = _read(BASE_LANGUAGE, folders)
        own = {name: sentence for one in reversed(chain(language)) for name, sentence in _read(one, folders).items()}
        fault = next(_faults(language, own, base), None)
        if fault:
            raise CatalogueFailure(fault)
        files = {key.partition(".")[0] for key in own}
        self._sentences = {key: text for key, text in base.items() if key.partition(".")[0] not in files} | own

    def say(self, sentence: Said) -> str:
        """The sentence as plain text; LookupError: there is none of that key, or a value is missing."""
        return self._form(sentence).format(**{name: self._value(value) for name, value in sentence.values})

    def say_in_html(self, sentence: Said) -> Markup:
        """The sentence as HTML; values are escaped unless they are Markup."""
        values = {name: escape(self._value(value)) for name, value in sentence.values}
        # Both the form and the values are escaped; Markup's own `format` looks at each of them again.
        return Markup(_escaped(self._form(sentence)).format(**values))  # noqa: S704

    def time(self, moment: datetime) -> str:
        """An aware time in UTC, such as "2 November 2026, 10:01 UTC"."""
        return format_datetime(moment, str(self._sentences["formats.time"]), tzinfo=UTC, locale=self.locale)

    def local_time(self, moment: datetime) -> str:
        """An aware time in its own zone, such as "2 November 2026, 11:01"."""
        pattern = str(self._sentences["formats.local_time"])
        return format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=self.locale)

    def day(self, day: date, form: DayForm = "day") -> str:
        """A day: "Saturday, 21 November 2026", as `date` "21 November 2026", as `short_day` "21 Nov"."""
        return format_date(day, str(self._sentences[f"formats.{form}"]), locale=self.locale)

    def size(self, size: int) -> str:
        """A number of bytes as people read it: "84 KB"."""
        if size < KILO:
            return self.say(said("formats.bytes", count=size))
        kilo = size < KILO * KILO
        return f"{self.number(size / KILO)} KB" if kilo else f"{self.number(size / KILO / KILO, 1)} MB"

    def number(self, number: float, digits: int = 0) -> str:
        """A number with the signs of the language, with so many digits after its point."""
        return format_decimal(number, "#,##0" + ("." + "0" * digits if digits else ""), locale=self.locale)

    def age(self, age: timedelta) -> str:
        """An age in the largest unit that fills: "2 hours"; under a minute, "less than a minute"."""
        minutes = int(age.total_seconds()) // 60
        units = ((minutes // 1440, "days"), (minutes // 60, "hours"), (minutes, "minutes"))
        count, unit = next(((count, unit) for count, unit in units if count > 0), (0, ""))
        return self.say(said(f"formats.{unit}", count=count) if count else said("formats.no_minute"))

    def span(self, span: timedelta) -> str:
        """A span in its two greatest units, cut and not rounded: "1 h 20 min", "3 days"."""
        minutes = max(0, int(span.total_seconds()) // 60)
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            units = (("days", days), ("short_hours", hours))
        else:
            units = (("short_hours", hours), ("short_minutes", minutes % 60))
        told = [self.say(said(f"formats.{unit}", count=count)) for unit, count in units if count]
        return " ".join(told) or self.say(said("formats.no_minute"))

    def _form(self, sentence: Said) -> str:
        found = self._sentences.get(sentence.key)
        if found is None:
            raise LookupError(f"no catalogue has the sentence “{sentence.key}”")
        if isinstance(found, str):
            return found
        values = dict(sentence.values)
        if NOUN in values:
            return found[str(values[NOUN])]
        count = values[COUNT]
        assert isinstance(count, int), "the plural of a sentence goes by a number"
        return found.get(self.locale.plural_form(count), found["other"])

    def _value(self, value: Value) -> str:
        match value:
            case Said():
                return self.say(value)
            case datetime():
                return self.time(value)
            case int():
                return self.number(value)
            case str():
                return value


def in_english(sentence: Said) -> str:
    """The sentence as it ships in English, for what operators read at the command line, in logs and in the ledger."""
    return _shipped_english().say(sentence)


@cache
def _shipped_english() -> Catalogue:
    return Catalogue(BASE_LANGUAGE, [SHIPPED_TEMPLATES])


@cache
def _escaped(form: str) -> str:
    """One form of a sentence as HTML; there are as many as the catalogues hold."""
    return str(escape(form))


def chain(language: str) -> tuple[str, ...]:
    """The languages whose files stand for one, the nearest first: `pt-BR`, then `pt`."""
    parts = language.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))


def languages(folders: Sequence[Path]) -> tuple[str, ...]:
    """The languages that these folders hold a folder with catalogues of, in alphabetical order."""
    return tuple(sorted({file.parent.name for folder in folders for file in folder.glob("*/*.toml")}))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        sentence = f"There is no language “{language}”; a language is a code such as de or pt-BR."
        raise CatalogueFailure(sentence) from error


def _read(language: str, folders: Sequence[Path]) -> dict[str, Forms]:
    """The sentences of one language by key, from all its files; those of the first folder win."""
    files = (file for folder in reversed(folders) for file in sorted((folder / language).glob("*.toml")))
    return {f"{file.stem}.{name}": forms for file in files for name, forms in _sentences_of(file).items()}


def _sentences_of(file: Path) -> Mapping[str, Forms]:
    try:
        sentences = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueFailure(f"The catalogue {_name(file)} cannot be read: {error}.") from error
    for name, forms in sentences.items():
        for form in forms.values() if isinstance(forms, dict) else (forms,):
            fault = _fault_of_form(form)
            if fault:
                raise CatalogueFailure(f"The catalogue {_name(file)}, {name}: {fault}")
    return sentences


def _fault_of_form(form: object) -> str | None:
    """What is wrong with one form of a sentence, as a sentence; None where nothing is."""
    if not isinstance(form, str) or not form.strip():
        return "a sentence is text in quotes, and is not empty."
    try:
        places = _places(form)
    except ValueError as error:
        return f"{error}; write {{{{ for a brace."
    wrong = sorted(place for place in places if not _PLACE.fullmatch(place))
    return f"“{{{wrong[0]}}}” is no placeholder." if wrong else None


def _places(form: str) -> set[str]:
    """The names in braces, with what else stands in the braces."""
    parsed = string.Formatter().parse(form)
    return {
        name + (f":{spec}" if spec else "") + (f"!{convert}" if convert else "")
        for _, name, spec, convert in parsed
        if name is not None
    }


def _faults(language: str, own: Mapping[str, Forms], base: Mapping[str, Forms]) -> Iterator[str]:
    """What makes the sentences of a language useless beside the English ones, each as a sentence."""
    files = {key.partition(".")[0] for key in own}
    for key in own.keys() - base.keys():
        file, _, name = key.partition(".")
        yield f"The catalogue {language}/{file}.toml has “{name}”, which no mail says; take it out."
    for key in sorted(base):
        file, _, name = key.partition(".")
        if file in files and key not in own:
            yield f"The catalogue {language}/{file}.toml misses “{name}”; in English it is: {base[key]}"
    for key in sorted(own.keys() & base.keys()):
        file, _, name = key.partition(".")
        foreign = sorted(_all_places(own[key]) - _all_places(base[key]))
        if foreign:
            yield f"The catalogue {language}/{file}.toml, {name}: nothing is known of “{{{foreign[0]}}}” there."
        elif not _has_forms(own[key], base[key]):
            yield f"The catalogue {language}/{file}.toml, {name}: it needs the forms {_forms_wanted(base[key])}."


def _all_places(forms: Forms) -> set[str]:
    return set().union(*map(_places, forms.values())) if isinstance(forms, Mapping) else _places(forms)


def _has_forms(own: Forms, base: Forms) -> bool:
    """Whether a sentence has a form for each case of the English one; one form may do for all cases."""
    if isinstance(own, str):
        return True
    if isinstance(base, str):
        return False
    return own.keys() == NOUNS if base.keys() == NOUNS else "other" in own and own.keys() <= PLURALS


def _forms_wanted(base: Forms) -> str:
    if isinstance(base, str):
        return "none: it is one text"
    return ", ".join(sorted(NOUNS)) if base.keys() == NOUNS else "other, and those of its plurals, such as one"


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
