"""Answers of a program, and in a language, read by tables that leave out what came from it.

**Programs**: the rows of `mail/html/elements.py` that name the program are switched off; a row of several programs goes
with each of them. Only answers with HTML are asked, since no plain text has such elements.

**Languages**: the labels, the verbs of writing and the leading words with which the language's patterns write are
switched off, also where another language has the same word.

What cannot be switched off are lists that name no source, because many programs or languages have a word in common:
dividers (`Original Message`), marks of forwards, footers of telephones, closings, notices of gateways; and what knows
no word, as the shapes of dates, addresses and labels, the quote mark `>`, and the comparison with what we sent.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import reload
from types import ModuleType

from bench.scores.figures import Figure
from bench.scores.generate.languages import Language, languages
from bench.scores.generate.programs import PROGRAMS
from bench.scores.generate.replies import Answer, answers
from bench.scores.replies import Judged, Reader, by_layers, by_sent, figures_of, judge
from mail.html import elements, quotes, signatures
from mail.html.elements import Element
from mail.quoting import attribution, dividers, header_block, labels

# So many answers of each program are made, and at most so many in a language are asked.
EACH = 80
HEADS = ("left out", "read", "answers", "exact with", "without", "nothing lost with", "without")
TABLES = ("WRAPPING", "STARTING", "BORDERING", "SIGNING")
READINGS: Mapping[str, Reader] = {"by the layers alone": by_layers, "cut by what we sent": by_sent}
# Without its own rows a program's or a language's answers should still be found by what we sent.
WANTED: Mapping[str, Mapping[str, float | None]] = {"cut by what we sent": {"exact": 99, "nothing lost": 100}}
# A table may not be empty, for CSS has no selector of nothing.
NOTHING = Element((), "no-such-element", ("<no-such-element",))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One program or language, read in one way with its own rows and without: what was found of the same answers."""

    source: str
    reading: str
    known: tuple[Judged, ...]
    unknown: tuple[Judged, ...]

    def cells(self) -> tuple[str, ...]:
        """Return a line of the table: source, reading, answers, then exact and nothing lost with and without."""
        pairs = zip(figures_of("", list(self.known), {}), figures_of("", list(self.unknown), {}), strict=True)
        percents = (f"{figure.percent:.1f} %" for pair in pairs for figure in pair)
        return self.source, self.reading, str(len(self.known)), *percents


def left_out() -> list[LeftOut]:
    """Return what is found of each program's and each language's answers, with its own rows and without them."""
    pool = list(answers(EACH * len(PROGRAMS)))
    return [*_of_programs(pool), *_of_languages(pool)]


def left_out_figures(rows: Iterable[LeftOut]) -> Iterator[Figure]:
    """Yield one figure for each way of reading, over all programs and languages that were left out."""
    every = list(rows)
    for reading in READINGS:
        judged = [one for row in every if row.reading == reading for one in row.unknown]
        if judged:
            yield from figures_of(f"{reading}, source left out", judged, WANTED.get(reading, {}))


def own_elements(program: str) -> tuple[Element, ...]:
    """Return the rows that name a program, as `Gmail` names `Gmail web`."""
    rows = [row for table in TABLES for row in getattr(elements, table)]
    return tuple(row for row in rows if _names(row, program))


def without_program(program: str) -> AbstractContextManager[None]:
    """Switch off the rows that name a program, as long as the context lasts."""
    kept: dict[str, object] = {}
    for table in TABLES:
        kept[table] = tuple(row for row in getattr(elements, table) if not _names(row, program)) or (NOTHING,)
    return switched({elements: kept}, rebuilt=(quotes, signatures))


def without_language(language: Language) -> AbstractContextManager[None]:
    """Switch off the labels, verbs and leading words of a language, as long as the context lasts."""
    patterns = [pattern.lower() for pattern in language.patterns.values()]
    own_labels = {label.casefold() for label in language.lists["labels"]}
    values = {
        "LABELS": {label: kind for label, kind in labels.LABELS.items() if label not in own_labels},
        "VERBS": tuple(verb for verb in labels.VERBS if not any(verb in pattern for pattern in patterns)),
        "LEADS": "|".join(lead for lead in labels.LEADS.split("|") if not _leads(lead, patterns)),
    }
    return switched({labels: values}, rebuilt=(attribution, dividers, header_block))


@contextmanager
def switched(values: Mapping[ModuleType, Mapping[str, object]], rebuilt: Sequence[ModuleType]) -> Iterator[None]:
    """Put values in place of constants of modules and build other modules anew from them; then put all back.

    Functions imported by name read the constants of their module, so that they follow, too.
    """
    before = {module: dict(vars(module)) for module in (*values, *rebuilt)}
    try:
        for module, constants in values.items():
            vars(module).update(constants)
        for module in rebuilt:
            reload(module)
        yield
    finally:
        for module, names in before.items():
            for name in vars(module).keys() - names.keys():
                delattr(module, name)
            vars(module).update(names)


def _of_programs(pool: Sequence[Answer]) -> Iterator[LeftOut]:
    for program in PROGRAMS:
        some = [one for one in pool if one.kind[0] == program.name and one.kind[3] != "plain"]
        if some and own_elements(program.name):
            yield from _read_twice(program.name, some, without_program(program.name))


def _of_languages(pool: Sequence[Answer]) -> Iterator[LeftOut]:
    for code, language in languages().items():
        some = [one for one in pool if one.kind[1] == code][:EACH]
        yield from _read_twice(f"language {code}", some, without_language(language))


def _read_twice(source: str, some: Sequence[Answer], off: AbstractContextManager[None]) -> list[LeftOut]:
    known = {reading: tuple(judge(one, read) for one in some) for reading, read in READINGS.items()}
    with off:
        unknown = {reading: tuple(judge(one, read) for one in some) for reading, read in READINGS.items()}
    return [LeftOut(source, reading, known[reading], unknown[reading]) for reading in READINGS]


def _names(row: Element, program: str) -> bool:
    return any(program == name or program.startswith(f"{name} ") for name in row.programs)


def _leads(lead: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern begins with the leading word, which is a regular expression."""
    begins = re.compile(rf"(?:{lead})\b")
    return any(begins.match(pattern) for pattern in patterns)
