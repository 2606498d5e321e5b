"""Tickets in the archive as values of JSON: the desk's copy has their rows, a person's their conversation."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models.db.packed import unpack
from models.db.statement import Statement
from models.removal.archive.conversation import read_archived
from models.removal.export.moments import utc
from models.removal.export.tickets import ExportFilter
from models.removal.privacy.find import DataSubject
from models.supportdesk.archived import parts_of
from models.tickets.conversation import Entry, EntryKind

# The bytes of mails stand in the lines of the mails.
_ELSEWHERE: Final = "raw_chunk"
PAGE: Final = 100
_READ: Final = Statement(f"""
SELECT a.number, a.parts, json_build_object('kind', 'archived', 'number', a.number, 'tag', 'SD-' || a.number,
    'title', a.title, 'status', a.status, 'customer', a.customer, 'opened_at', {utc("a.opened_at")},
    'changed_at', {utc("a.updated_at")}, 'archived_at', {utc("a.archived_at")}) AS value
FROM mail.archive a WHERE a.number > :after
    AND (CAST(:tickets AS bigint[]) IS NULL OR a.number = ANY(CAST(:tickets AS bigint[])))
    AND (CAST(:since AS timestamptz) IS NULL OR a.updated_at >= CAST(:since AS timestamptz))
ORDER BY a.number LIMIT :most
""")
# Where they are named: what they opened or were sent mails about is theirs whole, of the others their comments.
_OF_PERSON: Final = Statement("""
SELECT number, parts FROM mail.archive
WHERE people && CAST(:numbers AS bigint[]) OR addresses && CAST(:addresses AS text[]) ORDER BY number
""")


def read_archive(session: Session, wanted: ExportFilter, after: int = 0) -> list[tuple[dict[str, Any], int]]:
    """The next wanted archived tickets, by number, each without its rows and with the number of its parts."""
    rows = _READ.rows(session, wanted.values | {"after": after, "most": PAGE})
    return [(row.value, row.parts) for row in rows]


def rows_of(session: Session, number: int, parts: int) -> Iterator[dict[str, Any]]:
    """The packed rows of an archived ticket, each with the name of its `table`; raises models.db.packed.Damaged."""
    for table, row in unpack(parts_of(session, number, parts)):
        if table != _ELSEWHERE:
            yield {"table": table, "row": row}


def archived_conversations(
    session: Session, person: DataSubject, opened_or_told: frozenset[int], *, with_notes: bool
) -> Iterator[dict[str, Any]]:
    """The archived tickets that a person opened or was told of, as they were said; of others a name.

    Of the archived tickets that only name them, their own comments.
    """
    values = {"numbers": list(person.numbers), "addresses": list(person.addresses)}
    for row in _OF_PERSON.rows(session, values):
        found = read_archived(session, row.number)
        if found is None:
            continue
        # The request stands under the address that its writer has today.
        if found.entries[0].email.lower() not in person.addresses and row.number not in opened_or_told:
            yield from _own_comments(session, row.number, row.parts, person)
            continue
        shown = [
            _shown(entry, person)
            for entry in found.entries
            if with_notes or entry.kind is not EntryKind.NOTE or entry.email.lower() in person.addresses
        ]
        yield {
            "kind": "archived",
            "number": found.number,
            "title": found.title,
            "status": found.status,
            "entries": shown,
        }


def _own_comments(session: Session, number: int, parts: int, person: DataSubject) -> Iterator[dict[str, Any]]:
    """Their comments on an archived ticket, in the form of those on a ticket that is not archived, the oldest first."""
    rows = [line["row"] for line in rows_of(session, number, parts) if line["table"] == "Comment"]
    own = [row for row in rows if row["userId"] in person.users]
    for row in sorted(own, key=lambda one: (one["createdAt"], one["id"])):
        at = f"{datetime.fromisoformat(row['createdAt']).isoformat(timespec='milliseconds')}Z"
        yield {"kind": "comment", "ticket": number, "id": row["id"], "at": at, "text": row["content"]}


def _shown(entry: Entry, person: DataSubject) -> dict[str, Any]:
    """An entry as somebody may know it: of another author the name, in whose place no address stands."""
    is_own = entry.email.lower() in person.addresses
    author = entry.author if is_own or "@" not in entry.author else "somebody"
    return asdict(entry) | {"at": entry.at.isoformat(), "author": author, "email": entry.email if is_own else None}
