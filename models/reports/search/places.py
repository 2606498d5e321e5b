"""Where in a found ticket the words stand, and what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from desk.reports.search.excerpt import TextWord, best_excerpt, excerpt_at, without_exact, words_of
from desk.reports.search.terms import Term, Wanted
from models.db.statement import Statement, any_of
from models.reports.search.languages import stems

# So many characters of each text are looked through, and so many comments and notes of a ticket.
_MOST_CHARACTERS: Final = 8_000
_MOST_TEXTS: Final = 30


class Place(StrEnum):
    """Where in a ticket a word stands."""

    TITLE = "title"
    DESCRIPTION = "description"
    CUSTOMER = "customer"
    COMMENT = "comment"
    NOTE = "note"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """The place where most of the words stand, and what stands there around the first of them."""

    place: Place
    excerpt: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a ticket, and its words."""

    place: Place
    text: str
    words: Sequence[TextWord]


_TEXTS = Statement(f"""
WITH hit AS (
    SELECT n.number, t.id, t.title, t.description, concat_ws(' ', u.name, '<' || u.email || '>') AS customer
    FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id JOIN public."User" u ON u.id = t."createdById"
    WHERE n.number = {any_of("numbers")}
)
SELECT number, 'title' AS place, 1 AS turn, 0::bigint AS later, title AS words FROM hit
UNION ALL SELECT number, 'description', 2, 0, left(description, {_MOST_CHARACTERS}) FROM hit
UNION ALL SELECT number, 'customer', 3, 0, customer FROM hit
UNION ALL SELECT number, 'comment', 4, c.later, c.content FROM hit CROSS JOIN LATERAL (
    SELECT row_number() OVER (ORDER BY c."createdAt", c.id) AS later, left(c.content, {_MOST_CHARACTERS}) AS content
    FROM public."Comment" c WHERE c."ticketId" = hit.id ORDER BY c."createdAt", c.id LIMIT {_MOST_TEXTS}
) AS c
UNION ALL SELECT number, 'note', 5, o.id, o.text FROM hit CROSS JOIN LATERAL (
    SELECT o.id, left(o.text, {_MOST_CHARACTERS}) AS text FROM mail.note o
    WHERE o.ticket_number = hit.number AND o.accepted_at IS NULL AND CAST(:notes AS boolean)
    ORDER BY o.id LIMIT {_MOST_TEXTS}
) AS o
ORDER BY 1 DESC, 3, 4
""")
_STEMS = Statement(f"""
SELECT word, {stems("word", "CAST(:languages AS text[])")} AS stems FROM unnest(CAST(:words AS text[])) AS word
""")


def find_places(
    session: Session, wanted: Wanted, numbers: Sequence[int], languages: Sequence[str], *, notes: bool
) -> dict[int, FoundPlace]:
    """By the number of each ticket where the words stand in it; in its notes only where they may be shown."""
    if not numbers:
        return {}
    texts: dict[int, list[_Text]] = {number: [] for number in numbers}
    for row in _TEXTS.rows(session, {"numbers": list(numbers), "notes": notes}):
        texts[row.number].append(_Text(Place(row.place), row.words, words_of(row.words)))
    alike = _words_alike(session, wanted.terms, list(texts.values()), languages)
    return {number: _place(wanted.terms, number, texts[number], alike) for number in numbers}


def _place(
    terms: Sequence[Term], number: int, texts: Sequence[_Text], alike: Mapping[str, frozenset[str]]
) -> FoundPlace:
    best = best_excerpt([(one.text, one.words) for one in texts], terms, alike)
    if best:
        return FoundPlace(texts[best[0]].place, best[1])
    if any(term.number == number for term in terms):
        return FoundPlace(Place.NUMBER, f"SD-{number}")
    # It stands behind what was looked through.
    return FoundPlace(Place.DESCRIPTION, excerpt_at(texts[1].text if len(texts) > 1 else "", 0))


def _words_alike(
    session: Session, terms: Sequence[Term], tickets: Sequence[Sequence[_Text]], languages: Sequence[str]
) -> dict[str, frozenset[str]]:
    """For words of the texts the words of terms that have a stem in common, where these stand nowhere as they are."""
    wanted = {word for texts in tickets for word in without_exact(terms, [one.words for one in texts])}
    letters = {word[0] for word in wanted}
    words = {
        word.plain for texts in tickets for one in texts for word in one.words if wanted and word.plain[:1] in letters
    }
    if not words:
        return {}
    rows = _STEMS.rows(session, {"words": sorted(words | wanted), "languages": list(languages)})
    stems_of = {row.word: set(row.stems) for row in rows}
    return {word: frozenset(one for one in wanted if stems_of[one] & stems_of[word]) for word in words}
