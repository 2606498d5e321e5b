"""What somebody looks for, as queries of PostgreSQL's full-text search: the best first, each less strict than before.

A query is put together from words that have only letters and digits, so nothing that somebody writes is a sign in it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy.orm import Session

from desk.reports.search.terms import Term, Wanted
from desk.reports.search.words import grams, plain
from desk.ticket import Person, Role
from models.db.statement import Statement
from models.reports.search.languages import stems

# So many people at most are looked for of whom a word is a part of their name or address.
MOST_PEOPLE: Final = 50

_WRITTEN = Statement("""
SELECT CAST(phraseto_tsquery('pg_catalog.simple', words) AS text) AS query
FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS given (words, place) ORDER BY place
""")
# A word such as "the" is looked for as it stands; where that finds nothing more, without it.
_STEMS = Statement(f"""
SELECT {stems("words", "CAST(:languages AS text[])")} AS stems, EXISTS (
    SELECT FROM unnest(CAST(:languages AS text[])) AS language
    WHERE words <> '' AND length(to_tsvector(CAST('pg_catalog.' || language AS regconfig), words)) = 0
) AS is_everywhere
FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS given (words, place) ORDER BY place
""")
_PEOPLE = Statement("""
SELECT p.user_id FROM mail.search_person s JOIN mail.person p ON p.number = s.number
WHERE s.grams @> CAST(:grams AS text[]) AND strpos(s.letters, :letters) > 0 AND p.user_id IS NOT NULL
LIMIT :most
""")
_LEXEME: Final = re.compile(r"'([^']+)'")
_BESIDE: Final = re.compile(r"<(?:-|\d+)>")


@dataclass(frozen=True, slots=True)
class _TermQueries:
    """The queries of one term: in the title or as the customer, as it stands, and by its stems.

    `stems` is empty for a word that says nothing in one of the languages, so that it need not stand there.
    """

    marked: str
    written: str
    stems: str


def ranked_queries(session: Session, wanted: Wanted, languages: Sequence[str], viewer: Person | None) -> list[str]:
    """The queries whose finds come one after another; empty where nothing is asked for.

    In those of the first each word stands in the title, or is the number or the customer; in those of the second as it
    was written, wherever; in those of the third by its stem. Each leaves out what one before it finds, and all that
    `viewer` may not see as far as the index knows it.
    """
    terms = [term for alternative in wanted.alternatives for term in alternative]
    if not terms:
        return []
    found = dict(zip(terms, _queries(session, terms, languages), strict=True))
    alternatives = [[(term, found[term]) for term in terms] for terms in wanted.alternatives]
    levels = list(dict.fromkeys(_any_of(map(level, alternatives)) for level in (_marked, _written, _stemmed)))
    shown = _shown_to(viewer)
    return [
        _all_of([level, *([_not(levels[place - 1])] if place else []), *shown]) for place, level in enumerate(levels)
    ]


_Found: TypeAlias = Sequence[tuple[Term, _TermQueries]]


def _marked(found: _Found) -> str:
    return _all_of(_not(one.stems or one.written) if term.absent else one.marked for term, one in found)


def _written(found: _Found) -> str:
    return _all_of(_not(one.stems or one.written) if term.absent else one.written for term, one in found)


def _stemmed(found: _Found) -> str:
    if not any(one.stems for term, one in found if not term.absent):
        return _written(found)
    return _all_of(_not(one.stems or one.written) if term.absent else one.stems for term, one in found)


def _shown_to(viewer: Person | None) -> list[str]:
    """What the index knows of who may see a ticket; models/tickets/visible.py has the last word."""
    if viewer is None or (viewer.is_staff and viewer.role is Role.ADMIN):
        return []
    own = _lexeme(f"@{viewer.user_id}")
    if not viewer.is_staff:
        return [own]
    return [_any_of((own, _lexeme(f">{viewer.user_id}"), _lexeme(">")))]


def _queries(session: Session, terms: Sequence[Term], languages: Sequence[str]) -> list[_TermQueries]:
    written = [row.query for row in _WRITTEN.rows(session, {"words": [term.plain for term in terms]})]
    stems = _stems(session, terms, languages)
    made = []
    for term, query, row in zip(terms, written, stems, strict=True):
        number = [_lexeme(f"#{term.number}")] if term.number is not None else []
        others = [*number, *(() if term.absent else map(_lexeme, _customers(session, term.plain)))]
        marked = _BESIDE.sub("&", _LEXEME.sub(r"'=\1'", query))
        stemmed = "" if row.is_everywhere else _any_of([query, *others, *map(_lexeme, row.stems)])
        made.append(_TermQueries(_any_of([marked, *others]), _any_of([query, *others]), stemmed))
    return made


def _stems(session: Session, terms: Sequence[Term], languages: Sequence[str]) -> list[Any]:
    """The stems of each term that is one word; words side by side are looked for as they stand."""
    both = [f"{term.spaced} {plain(term.spaced)}" if len(term.words) == 1 else "" for term in terms]
    return _STEMS.rows(session, {"words": both, "languages": list(languages)})


def _customers(session: Session, letters: str) -> list[str]:
    """The signs of the people of whose name or address these letters are a part; three at least are looked for."""
    wanted = grams(letters)
    if not wanted:
        return []
    rows = _PEOPLE.rows(session, {"grams": wanted, "letters": letters, "most": MOST_PEOPLE})
    return [f"@{row.user_id}" for row in rows]


def _lexeme(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _not(query: str) -> str:
    return f"!({query})" if query else ""


def _all_of(queries: Iterable[str]) -> str:
    return " & ".join(f"({query})" for query in queries if query)


def _any_of(queries: Iterable[str]) -> str:
    return " | ".join(f"({query})" for query in dict.fromkeys(queries) if query)
