"""Tickets and people are put into the index of the search, or taken out of it where they are gone."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from desk.reports.search.words import plain, spaced, within
from models.db.statement import Statement, any_of
from models.reports.search.languages import stems
from models.reports.search.tables import BLOCK

# A tsvector takes a megabyte. A word takes as many bytes as it has, and its place some more, in each language at most
# once again; so many characters, divided by one more than there are languages, stay far below that in every script.
MOST_CHARACTERS: Final = 300_000
# Of comments and notes the newest, and of each so many characters.
_MOST_TEXTS: Final = 500
_LIMIT_EXCEEDED: Final = "54000"

_TICKETS = Statement(f"""
SELECT n.number, t.title, left(t.description, :most) AS description, t."createdById" AS customer,
    coalesce(t."assignedToId", '') AS assignee, concat_ws(' ', u.name, u.email) AS named,
    ARRAY(
        SELECT left(c.content, :most) FROM public."Comment" c WHERE c."ticketId" = t.id
        ORDER BY c."createdAt" DESC, c.id LIMIT {_MOST_TEXTS}
    ) AS comments,
    ARRAY(
        SELECT left(o.text, :most) FROM mail.note o WHERE o.ticket_number = n.number AND o.accepted_at IS NULL
        ORDER BY o.id DESC LIMIT {_MOST_TEXTS}
    ) AS notes
FROM mail.ticket n JOIN public."Ticket" t ON t.id = n.ticket_id JOIN public."User" u ON u.id = t."createdById"
WHERE n.number = {any_of("numbers")}
""")
_SIMPLE: Final = "to_tsvector('pg_catalog.simple', {})"
# As they stand with their places, in the weights of title, description and the others; then stems and signs without.
_WRITE = Statement(f"""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:numbers AS bigint[]), CAST(:titles AS text[]), CAST(:descriptions AS text[]), CAST(:comments AS text[]),
        CAST(:named AS text[]), CAST(:stemmed AS text[]), CAST(:notes AS text[]), CAST(:stemmed_notes AS text[]),
        CAST(:customers AS text[]), CAST(:assignees AS text[])
    ) AS given (number, title, description, comments, named, stemmed, notes, stemmed_notes, customer, assignee)
), open AS (
    SELECT given.*,
        setweight({_SIMPLE.format("title")}, 'A') || setweight({_SIMPLE.format("description")}, 'B')
        || {_SIMPLE.format("comments")} || {_SIMPLE.format("named")}
        || array_to_tsvector({stems("stemmed", "CAST(:languages AS text[])")} || ARRAY(
            SELECT '=' || word FROM unnest(tsvector_to_array({_SIMPLE.format("title || ' ' || named")})) AS word
        ) || ARRAY['#' || number, '/' || number / {BLOCK}, '@' || customer, '>' || assignee]) AS words
    FROM given
)
INSERT INTO mail.search (number, words, words_for_staff)
SELECT number, words, CASE WHEN notes <> '' THEN
    words || {_SIMPLE.format("notes")} || array_to_tsvector({stems("stemmed_notes", "CAST(:languages AS text[])")}) END
FROM open
ON CONFLICT (number) DO UPDATE
SET words = excluded.words, words_for_staff = excluded.words_for_staff, indexed_at = now()
""")
_TAKE_OUT = Statement(f"DELETE FROM mail.search WHERE number = {any_of('numbers')}")

_PEOPLE = Statement(f"""
SELECT p.number, concat_ws(' ', u.name, u.email) AS named
FROM mail.person p JOIN public."User" u ON u.id = p.user_id WHERE p.number = {any_of("numbers")}
""")
_WRITE_PEOPLE = Statement("""
INSERT INTO mail.search_person (number, letters, grams)
SELECT number, letters, ARRAY(
    SELECT DISTINCT substr(letters, place, 3) FROM generate_series(1, length(letters) - 2) AS place
)
FROM unnest(CAST(:numbers AS bigint[]), CAST(:letters AS text[])) AS given (number, letters)
ON CONFLICT (number) DO UPDATE SET letters = excluded.letters, grams = excluded.grams
""")
_TAKE_OUT_PERSON = Statement(f"DELETE FROM mail.search_person WHERE number = {any_of('numbers')}")


class TooMuchText(Exception):
    """One of the tickets has more words than PostgreSQL takes; fewer characters of each have to be read."""


def index_tickets(session: Session, numbers: Iterable[int], languages: Sequence[str], most: int = 0) -> None:
    """Read these tickets and write their rows of the index; those that are gone lose theirs.

    `languages` are PostgreSQL's names of those whose stems are kept. Of each ticket `most` characters are read, 0 for
    as many as surely fit. The caller holds the index (models/reports/search/reach.py::hold_index). Raises TooMuchText.
    """
    wanted = sorted(set(numbers))
    most = most or MOST_CHARACTERS // (1 + len(languages))
    rows = _TICKETS.rows(session, {"numbers": wanted, "most": most})
    there = {row.number for row in rows}
    if gone := [number for number in wanted if number not in there]:
        _TAKE_OUT.write(session, {"numbers": gone})
    if rows:
        _write(session, {**_columns(rows, most), "languages": list(languages)})


def _write(session: Session, values: dict[str, Any]) -> None:
    try:
        _WRITE.rows(session, values)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LIMIT_EXCEEDED:
            raise
        raise TooMuchText from error


def _columns(rows: Iterable[Any], most: int) -> dict[str, list[Any]]:
    """The values of each column, row by row; of the characters a quarter is for notes."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        title, description, *comments = (*within((row.title, row.description, *row.comments), most), "", "")
        notes = " ".join(within(row.notes, most // 4))
        open_text = spaced(" ".join((title, description, *comments)))
        values = {
            "numbers": row.number,
            "titles": plain(title),
            "descriptions": plain(description),
            "comments": plain(" ".join(comments)),
            "named": plain(row.named),
            "stemmed": _stemmed(open_text),
            "notes": plain(notes),
            "stemmed_notes": _stemmed(spaced(notes)),
            "customers": row.customer,
            "assignees": row.assignee,
        }
        for name, value in values.items():
            columns.setdefault(name, []).append(value)
    return columns


def _stemmed(words: str) -> str:
    """The text whose stems are kept: with accents, and once more without, for who leaves them out has another stem."""
    if words.isascii():
        return words
    return " ".join((words, *{plain(word) for word in words.split() if not word.isascii()}))


def index_people(session: Session, numbers: Iterable[int]) -> None:
    """Read these people and write their rows of the index; those that are gone lose theirs."""
    wanted = sorted(set(numbers))
    rows = _PEOPLE.rows(session, {"numbers": wanted})
    there = {row.number for row in rows}
    if gone := [number for number in wanted if number not in there]:
        _TAKE_OUT_PERSON.write(session, {"numbers": gone})
    _WRITE_PEOPLE.write(
        session, {"numbers": [row.number for row in rows], "letters": [plain(row.named) for row in rows]}
    )
