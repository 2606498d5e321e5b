"""Which resolved tickets have the words of a question, by the index of the search, and what staff answered there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.reports.earlier.likeness import MOST_COMPARED, Candidate, Like, Word, gathered, ranked, rarest, weights
from desk.reports.search.words import without_accents
from desk.ticket import UNPROVEN_SENDERS, Role, Status
from models.db.statement import Statement, any_of
from models.reports.search.languages import stems
from models.supportdesk.tables import STATUS

MOST_SIGNS: Final = 4_000
MOST_ANSWERS: Final = 20
MOST_SAME: Final = 5
# So many questions with 400 words each take some megabytes.
REMEMBERED_FOR: Final = 200

# Words with the forms that the index holds of each, in its languages, and the part of all tickets that has each common
# one: PostgreSQL counts these with ANALYZE.
_WORDS = Statement(f"""
WITH given AS MATERIALIZED (
    SELECT w.place, ARRAY(SELECT DISTINCT form FROM unnest(
        w.bare || {stems("concat_ws(' ', w.word, w.bare)", "r.languages")}
    ) AS form) AS forms
    FROM unnest(CAST(:words AS text[]), CAST(:bare AS text[])) WITH ORDINALITY AS w (word, bare, place)
    CROSS JOIN mail.search_reach r
), common AS MATERIALIZED (
    SELECT elem, share FROM (
        SELECT unnest(most_common_elems::text::text[]) AS elem, unnest(most_common_elem_freqs) AS share FROM pg_stats
        WHERE schemaname = 'mail' AND tablename = 'search' AND attname = 'words'
    ) AS counted WHERE elem = ANY(ARRAY(SELECT unnest(forms) FROM given))
)
SELECT g.place, g.forms, (SELECT max(c.share) FROM common c WHERE c.elem = ANY(g.forms)) AS share
FROM given g ORDER BY g.place
""")
# How many tickets the index has, at about. And for the rest of the transaction: the planner knows neither how rare the
# words are nor that it takes long to unpack the rows of the index, and would compare each ticket of a small desk with
# each word.
_BY_INDEX = Statement("""
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_material', 'off', true),
    greatest(
        (SELECT reltuples FROM pg_class WHERE oid = 'mail.search'::regclass),
        (SELECT count(*) FROM (SELECT FROM mail.search LIMIT 1000) AS few)
    ) AS tickets
""")
# The tickets with each of these words, which are queries of one word in its forms.
_FOUND = Statement("""
SELECT s.number, array_agg(w.place - 1) AS places
FROM unnest(CAST(:queries AS tsquery[])) WITH ORDINALITY AS w (query, place) JOIN mail.search s ON s.words @@ w.query
WHERE s.number <> :ticket GROUP BY s.number
""")
# True of a comment `c` of ticket `t` that somebody wrote who is staff, and not its own customer.
_BY_STAFF = f"""
c."userId" <> t."createdById" AND EXISTS (
    SELECT FROM mail.person p JOIN mail.staff s ON s.person_number = p.number
    JOIN public."User" u ON u.id = p.user_id
    WHERE p.user_id = c."userId" AND u.role::text IN ('{Role.ADMIN}', '{Role.AGENT}')
)"""
# True of a ticket `t` with the number `n` whose answers may be offered: it is finished, and no part of another.
_MAY_BE_OFFERED = f"""
n.merged_into IS NULL AND {STATUS.format("t")} IN ('{Status.RESOLVED}', '{Status.CLOSED}')
AND EXISTS (SELECT FROM public."Comment" c WHERE c."ticketId" = t.id AND {_BY_STAFF})
"""
# How many words such tickets have, and how often each of the given forms stands in them.
_COUNTED = Statement(f"""
WITH given AS (
    SELECT * FROM unnest(CAST(:numbers AS bigint[])) WITH ORDINALITY AS given (number, place)
), offered AS (
    SELECT n.number, g.place FROM given g JOIN mail.ticket n ON n.number = g.number
    JOIN public."Ticket" t ON t.id = n.ticket_id WHERE {_MAY_BE_OFFERED} ORDER BY g.place LIMIT {MOST_COMPARED}
)
SELECT o.number, length(s.words) AS length, (
    SELECT jsonb_object_agg(w.lexeme, coalesce(cardinality(w.positions), 1)) FROM unnest(s.words) AS w
    WHERE w.lexeme = ANY(CAST(:forms AS text[]))
) AS counts
FROM offered o JOIN mail.search s ON s.number = o.number ORDER BY o.place
""")
# The answers of staff on such tickets, with the names and addresses of all who take part there besides staff.
_ANSWERS = Statement(f"""
SELECT n.number, t.title,
    ARRAY(
        SELECT jsonb_build_array(u.name, u.email) FROM public."User" u JOIN mail.person p ON p.user_id = u.id
        WHERE u.id = t."createdById" OR p.number IN (
            SELECT x.person_number FROM mail.participant x WHERE x.ticket_number = n.number
        )
    ) || ARRAY(
        SELECT jsonb_build_array(g.name, g.address) FROM mail.guest g WHERE g.ticket_number = n.number
    ) AS people,
    ARRAY(
        SELECT jsonb_build_array(c.id, left(c.content, {MOST_SIGNS}), u.name)
        FROM public."Comment" c JOIN public."User" u ON u.id = c."userId"
        WHERE c."ticketId" = t.id AND (CAST(:comment AS text) IS NULL OR c.id = :comment) AND {_BY_STAFF}
        ORDER BY c."createdAt" DESC LIMIT {MOST_ANSWERS}
    ) AS answers
FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id
WHERE n.number = {any_of("numbers")} AND {_MAY_BE_OFFERED}
""")
# The tickets of a ticket's customer that were opened within some time before it, the newest first. What stands in the
# name of all unproven senders is no one customer's.
_BEFORE = Statement(f"""
SELECT n.number, e.title, left(e.description, {MOST_SIGNS}) AS description, owner.number AS owner,
    coalesce(nullif(u.name, ''), u.email, '') AS owner_name
FROM mail.ticket mine JOIN public."Ticket" t ON t.id = mine.ticket_id
JOIN public."Ticket" e ON e."createdById" = t."createdById" AND e.id <> t.id
JOIN mail.ticket n ON n.ticket_id = e.id
LEFT JOIN public."User" u ON u.id = e."assignedToId" LEFT JOIN mail.person owner ON owner.user_id = u.id
WHERE mine.number = :ticket AND mine.merged_into IS NULL AND t."createdById" <> '{UNPROVEN_SENDERS}'
    AND n.merged_into IS NULL AND {STATUS.format("e")} <> '{Status.CLOSED}'
    AND e."createdAt" BETWEEN t."createdAt" - CAST(:soon AS interval) AND t."createdAt"
ORDER BY e."createdAt" DESC, n.number DESC LIMIT {MOST_SAME}
""")


@dataclass(frozen=True, slots=True)
class Answered:
    """What staff answered on a finished ticket: (comment id, text, author's name), the newest first, and for whom.

    `people` are the names and addresses of its customer and of all who take part in it.
    """

    number: int
    title: str
    people: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Before:
    """An unfinished or resolved ticket of the same customer, with its words and the number and name of who has it."""

    number: int
    title: str
    description: str
    owner: int | None
    owner_name: str


class WordMemory:
    """The words of questions as the index holds them, as one process read them: most words of a question are not new.

    After so many questions all are read anew, since shares change with the tickets, and forms with the languages.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._words = dict[str, Word]()
        self._questions = 0

    def read(self, session: Session, words: Sequence[str]) -> list[Word]:
        """The words in their order; those that are not known are asked of the database, all at once."""
        if self._questions == REMEMBERED_FOR:
            self._words.clear()
            self._questions = 0
        self._questions += 1
        if unknown := [word for word in words if word not in self._words]:
            rows = _WORDS.rows(session, {"words": unknown, "bare": list(map(without_accents, unknown))})
            read = (Word(tuple(sorted(row.forms)), row.share) for row in rows)
            self._words.update(zip(unknown, read, strict=True))
        return [self._words[word] for word in words]


def find_like(session: Session, words: Sequence[str], ticket: int, memory: WordMemory) -> list[Like]:
    """The finished tickets that staff answered and that have words of a question, but its own; the most like first.

    `words` are different ones, as `spaced` makes them.
    """
    tickets = int(_BY_INDEX.rows(session)[0].tickets)
    asked = rarest(memory.read(session, words), tickets)
    found = _find_tickets(session, asked, ticket)
    weighed = weights(found, tickets)
    return ranked(_count_words(session, gathered(found, weighed), asked, weighed), weighed)


def _find_tickets(session: Session, asked: Sequence[Word], ticket: int) -> dict[int, list[int]]:
    """The tickets but one that have any of these words: the places of those that each has, by its number."""
    rows = _FOUND.rows(session, {"queries": list(map(_query, asked)), "ticket": ticket})
    return {row.number: row.places for row in rows}


def _query(word: Word) -> str:
    """A query for any form of a word; forms hold letters and digits only, which are quoted for PostgreSQL."""
    return " | ".join(f"'{form}'" for form in word.forms)


def _count_words(
    session: Session, numbers: Sequence[int], asked: Sequence[Word], places: Iterable[int]
) -> list[Candidate]:
    """Of these tickets the finished ones that staff answered, each with how often words are there, by their places."""
    wanted = {place: asked[place].forms for place in places}
    forms = sorted({form for some in wanted.values() for form in some})
    rows = _COUNTED.rows(session, {"numbers": list(numbers), "forms": forms})
    return [Candidate(row.number, row.length, _counts(row.counts or {}, wanted)) for row in rows]


def _counts(counts: Mapping[str, int], wanted: Mapping[int, Sequence[str]]) -> dict[int, int]:
    found = {place: max((counts.get(form, 0) for form in forms), default=0) for place, forms in wanted.items()}
    return {place: count for place, count in found.items() if count}


def read_answers(session: Session, numbers: Sequence[int], comment: str | None = None) -> dict[int, Answered]:
    """What staff answered on those of these tickets that are finished and not merged; or one of the comments alone."""
    rows = _ANSWERS.rows(session, {"numbers": list(numbers), "comment": comment})
    return {row.number: _answers(row) for row in rows}


def _answers(row: Any) -> Answered:
    people = tuple((name or "", email or "") for name, email in row.people)
    return Answered(row.number, row.title, people, tuple((id_, text, name or "") for id_, text, name in row.answers))


def read_before(session: Session, ticket: int, soon: timedelta) -> list[Before]:
    """What the customer of a ticket opened within that time before it, the newest first."""
    rows = _BEFORE.rows(session, {"ticket": ticket, "soon": soon})
    return [Before(row.number, row.title, row.description, row.owner, row.owner_name) for row in rows]
