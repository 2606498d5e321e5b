"""Tickets go into the archive: their rows are read, packed, checked as they are stored, and only then deleted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from desk.ticket import UNPROVEN_SENDERS
from models.db.packed import Packer, check
from models.db.statement import Statement, any_of
from models.removal.archive.choose import ChosenTicket
from models.removal.archive.named import addresses_in
from models.removal.archive.shape import BY_NAME, PARTS, PackedTable, Shape
from models.supportdesk.archived import only_parts, parts_of

# So many bytes of long rows are read at once; one that is longer is read alone.
AT_ONCE: Final = 4 * 1024 * 1024

# Two transactions waited for each other, or a row that one refers to was written by the other.
_DISTURBED: Final = frozenset({"40001", "40P01", "23503"})

# A comment may be edited in the web app without its ticket being touched.
_LOCK_COMMENTS = Statement("""
SELECT count(*) FROM (
    SELECT FROM public."Comment" WHERE "ticketId" = ANY(CAST(:ids AS text[])) ORDER BY id FOR UPDATE
) AS locked
""")
# The blobs that nothing but one of the tickets refers to, locked, for the same file may come with a mail just now.
_OWN_BLOBS = Statement(f"""
WITH used AS (
    SELECT a.ticket_number AS number, a.sha256 FROM mail.attachment a WHERE a.ticket_number = {any_of("numbers")}
    UNION
    SELECT o.ticket_number, f.sha256 FROM mail.outbox o JOIN mail.outbox_file f ON f.outbox_id = o.id
    WHERE o.ticket_number = {any_of("numbers")}
)
SELECT used.number, b.sha256 FROM used JOIN mail.blob b ON b.sha256 = used.sha256
WHERE NOT EXISTS (
    SELECT FROM mail.attachment a WHERE a.sha256 = used.sha256 AND a.ticket_number <> used.number
) AND NOT EXISTS (
    SELECT FROM mail.outbox_file f JOIN mail.outbox o ON o.id = f.outbox_id
    WHERE f.sha256 = used.sha256 AND o.ticket_number IS DISTINCT FROM used.number
)
ORDER BY b.sha256 FOR UPDATE OF b
""")
# Who is named in each ticket, by number and by address, and by what it is listed.
_ABOUT = Statement("""
SELECT n.number, t.title, t.status::text AS status, t."createdAt" AS opened_at, t."updatedAt" AS updated_at,
    CASE WHEN t."createdById" = :nobody THEN (
        SELECT l.sender FROM mail.ledger l WHERE l.ticket_number = n.number ORDER BY l.id LIMIT 1
    ) ELSE customer.email END AS customer,
    ARRAY(
        SELECT p.number FROM mail.person p WHERE p.user_id IN (
            SELECT t."createdById" UNION SELECT t."assignedToId"
            UNION SELECT c."userId" FROM public."Comment" c WHERE c."ticketId" = t.id
            UNION SELECT a."userId" FROM public."TicketActivity" a WHERE a."ticketId" = t.id
        )
        UNION SELECT p.person_number FROM mail.participant p WHERE p.ticket_number = n.number
        UNION SELECT g.added_by FROM mail.guest g WHERE g.ticket_number = n.number
        UNION SELECT l.person_number FROM mail.ledger l WHERE l.ticket_number = n.number
        UNION SELECT o.person_number FROM mail.outbox o WHERE o.ticket_number = n.number
        UNION SELECT m.person_number FROM mail.note m WHERE m.ticket_number = n.number
    ) AS people,
    ARRAY(
        SELECT lower(u.email) FROM public."User" u WHERE u.id IN (
            SELECT t."createdById" UNION SELECT t."assignedToId"
            UNION SELECT c."userId" FROM public."Comment" c WHERE c."ticketId" = t.id
        )
        UNION SELECT l.sender FROM mail.ledger l WHERE l.ticket_number = n.number
        UNION SELECT unnest(l.recipients) FROM mail.ledger l WHERE l.ticket_number = n.number
        UNION SELECT o.recipient FROM mail.outbox o WHERE o.ticket_number = n.number
        UNION SELECT g.address FROM mail.guest g WHERE g.ticket_number = n.number
    ) AS addresses
FROM unnest(CAST(:numbers AS bigint[]), CAST(:ids AS text[])) AS n (number, id)
JOIN public."Ticket" t ON t.id = n.id JOIN public."User" customer ON customer.id = t."createdById"
""")
_ADD_PART = Statement("""
INSERT INTO mail.archive_part (number, position, content) VALUES (:number, :position, :content)
""")
_ADD = Statement("""
INSERT INTO mail.archive (number, ticket_id, title, customer, status, opened_at, updated_at, addresses, people, rows,
    size, parts, sha256)
VALUES (:number, :id, :title, :customer, :status, CAST(:opened_at AS timestamp) AT TIME ZONE 'UTC',
    CAST(:updated_at AS timestamp) AT TIME ZONE 'UTC', CAST(:addresses AS text[]), CAST(:people AS bigint[]), :rows,
    :size, :parts, :sha256)
""")


def _deletion(part: PackedTable) -> Statement:
    """The statement that removes the rows of a table by where they lie, and counts them."""
    if part.words:
        emptied = ", ".join(f"{word} = ''" for word in part.words)
        change = f"UPDATE {part.name} t SET {emptied}"
    else:
        change = f"DELETE FROM {part.name} t"
    return Statement(
        f"WITH gone AS ({change} WHERE t.ctid = ANY(CAST(:rows AS tid[])) RETURNING 1) SELECT count(*) FROM gone"
    )


# What refers to other rows goes before those.
_DELETIONS = {
    name: _deletion(BY_NAME[name])
    for name in (
        "attachment", "outbox_file", "blob", "raw_chunk", "reading", "note", "outbox", "Comment", "TicketActivity",
        "Ticket",
    )
}  # fmt: skip


class ChangedMeanwhile(Exception):
    """Rows are not what they were when they were read: nothing may stay of this transaction, and trying again helps."""


class _Packing:
    """One ticket that is being packed, with the parts that are stored of it."""

    def __init__(self, ticket: ChosenTicket) -> None:
        self.ticket, self.packer, self.named, self.parts = ticket, Packer(), set[str](), 0

    def add(self, session: Session, part: PackedTable, packed: str) -> None:
        if part.table not in {"raw_chunk", "blob"}:
            self.named |= addresses_in(packed)
        self.store(session, self.packer.add(part.table, packed))

    def store(self, session: Session, parts: Iterable[bytes]) -> None:
        for content in parts:
            values = {"number": self.ticket.number, "position": self.parts, "content": content}
            _ADD_PART.write(session, values)
            self.parts += 1


def archive(session: Session, shape: Shape, tickets: Sequence[ChosenTicket]) -> None:
    """Move locked tickets with all that is theirs into the archive; raises ChangedMeanwhile.

    Nothing is deleted before what was stored of all of them was read back and compared. Where it is not what was read,
    raises models.db.packed.Damaged.
    """
    try:
        _move(session, shape, tickets)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _DISTURBED:
            raise ChangedMeanwhile from error
        raise


def _move(session: Session, shape: Shape, tickets: Sequence[ChosenTicket]) -> None:
    numbers, ids = [one.number for one in tickets], [one.id for one in tickets]
    _LOCK_COMMENTS.rows(session, {"ids": ids})
    own = _OWN_BLOBS.rows(session, {"numbers": numbers})
    chosen = {"numbers": numbers, "ids": ids}
    chosen |= {"owners": [row.number for row in own], "blobs": [bytes(row.sha256) for row in own]}
    packing = {one.number: _Packing(one) for one in tickets}
    rows: dict[str, list[str]] = {part.table: [] for part in PARTS}
    for row in shape.small.rows(session, chosen):
        packing[row.number].add(session, PARTS[row.place], row.packed)
        rows[PARTS[row.place].table].append(row.row)
    for row in _read_long(session, shape, chosen):
        packing[row.number].add(session, PARTS[row.place], row.packed)
        rows[PARTS[row.place].table].append(row.row)
    for one in packing.values():
        one.store(session, one.packer.end())
    _add(session, packing, numbers, ids)
    _compare(session, list(packing.values()))
    _delete(session, rows)


def _compare(session: Session, packing: Sequence[_Packing]) -> None:
    """Read back what was stored, and unpack it: nearly all tickets fit into one part."""
    small = [one for one in packing if one.parts == 1]
    stored = {one.ticket.number: content for one, content in zip(small, _first_parts(session, small), strict=True)}
    for one in packing:
        number = one.ticket.number
        parts = [stored[number]] if number in stored else parts_of(session, number, one.parts)
        if check(parts, one.packer.digest) != one.packer.rows:
            raise ChangedMeanwhile


def _first_parts(session: Session, packing: Sequence[_Packing]) -> list[bytes]:
    return only_parts(session, [one.ticket.number for one in packing])


class _LongRow:
    """A long row that was read: the place of its table, the number of its ticket, itself as JSON, and where it lies."""

    def __init__(self, listed: Any, packed: str) -> None:
        self.place, self.number, self.row, self.packed = listed.place, listed.number, listed.row, packed


def _read_long(session: Session, shape: Shape, chosen: dict[str, Any]) -> Iterator[_LongRow]:
    """The long rows of each ticket in the order of the tables, so many at once as fit into memory."""
    for group in _groups(shape.large.rows(session, chosen)):
        read: dict[tuple[int, str], str] = {}
        for place in sorted({listed.place for listed in group}):
            rows = [listed.row for listed in group if listed.place == place]
            found = shape.of_rows[PARTS[place].table].rows(session, {"rows": rows})
            read |= {(place, row.row): row.packed for row in found}
        if len(read) != len(group):
            raise ChangedMeanwhile
        yield from (_LongRow(listed, read.pop((listed.place, listed.row))) for listed in group)


def _groups(listed: Iterable[Any]) -> Iterator[list[Any]]:
    group: list[Any] = []
    size = 0
    for row in listed:
        if group and size + row.size > AT_ONCE:
            yield group
            group, size = [], 0
        group.append(row)
        size += row.size
    if group:
        yield group


def _add(session: Session, packing: dict[int, _Packing], numbers: list[int], ids: list[str]) -> None:
    values = []
    for row in _ABOUT.rows(session, {"numbers": numbers, "ids": ids, "nobody": UNPROVEN_SENDERS}):
        one = packing[row.number]
        named = one.named | {address.lower() for address in row.addresses if address}
        about = {"title": row.title, "customer": row.customer or "", "status": row.status}
        about |= {"opened_at": row.opened_at, "updated_at": row.updated_at, "id": one.ticket.id, "number": row.number}
        about |= {"addresses": sorted(named), "people": [number for number in row.people if number is not None]}
        about |= {"rows": Jsonb(dict(one.packer.rows)), "sha256": one.packer.digest}
        about |= {"size": one.packer.size, "parts": one.parts}
        values.append(about)
    _ADD.each(session, values)


def _delete(session: Session, rows: dict[str, list[str]]) -> None:
    gone = Counter[str]()
    for table, deletion in _DELETIONS.items():
        if rows[table]:
            gone[table] = deletion.one(session, {"rows": rows[table]}).count
    if gone != Counter({table: len(found) for table, found in rows.items() if found}):
        raise ChangedMeanwhile
