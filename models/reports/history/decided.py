"""Decided mails with what was stored of each: the fate with its evidence, and the texts that it became."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.facts import Imported
from models.db.statement import Statement
from models.ledger.mails import imported_of

# So many rows are read at once; their bytes are read one mail after another.
PAGE: Final = 200
# What stands for the address of somebody who was forgotten. Nobody has it (RFC 2606, section 2).
MASK: Final = "forgotten@invalid"

# The words of a change that the web application writes too, which stays where old events are removed.
_CHANGED = """substring((
    SELECT a.description FROM public."TicketActivity" a
    WHERE a."ticketId" = t.id AND a.description LIKE '{0} changed from %' ORDER BY a."createdAt", a.id LIMIT 1
) FROM 'changed from (\\w+) to')"""
_COLUMNS = f"""
SELECT l.id AS row, m.name AS mailbox, l.fingerprint, l.size, l.partial, l.confirmed_at IS NOT NULL AS confirmed,
    l.restored_at IS NOT NULL AS restored, l.waited_at IS NOT NULL AS waited,
    l.imported_at, l.import_vouched, l.import_open,
    coalesce(l.internal_date, l.stored_at) AS arrived_at, l.decided_at, l.fate, l.evidence, l.ticket_number, l.sender,
    r.comment_id, r.html, r.ledger_id IS NOT NULL AS has_reading, c.content AS comment,
    c."updatedAt" > c."createdAt" AS comment_edited, n.continues, t.description,
    coalesce({_CHANGED.format("Category")}, t.category::text) AS category,
    coalesce({_CHANGED.format("Priority")}, t.priority::text) AS priority,
    EXISTS (
        SELECT FROM public."TicketActivity" a WHERE a."ticketId" = t.id AND a.description = 'Description updated'
    ) AS description_edited,
    (SELECT o.text FROM mail.note o WHERE o.ledger_id = l.id ORDER BY o.id LIMIT 1) AS note,
    ARRAY(SELECT f.position FROM mail.attachment f WHERE f.ledger_id = l.id ORDER BY f.position) AS files,
    ARRAY(
        SELECT f.position FROM mail.attachment f WHERE f.ledger_id = l.id AND f.of_signature ORDER BY f.position
    ) AS signature_files,
    (SELECT p."createdAt" FROM public."User" p JOIN mail.person q ON q.user_id = p.id
     WHERE q.number = l.person_number)
        >= date_trunc('milliseconds', l.decided_at AT TIME ZONE 'UTC') - interval '1 millisecond' AS made_sender
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
LEFT JOIN mail.reading r ON r.ledger_id = l.id
LEFT JOIN public."Comment" c ON c.id = r.comment_id
LEFT JOIN mail.ticket n ON n.number = l.ticket_number
LEFT JOIN public."Ticket" t ON t.id = n.ticket_id
"""
_PAGE = Statement(f"""{_COLUMNS}
WHERE l.id < :before AND l.id >= :first AND l.fate IS NOT NULL AND l.fate <> 'baseline'
    AND (CAST(:mailbox AS text) IS NULL OR m.name = :mailbox)
    AND (CAST(:since AS timestamptz) IS NULL OR l.stored_at >= :since)
    -- What an archived ticket's mails became is not here to be compared.
    AND NOT EXISTS (SELECT FROM mail.archive away WHERE away.number = l.ticket_number)
ORDER BY l.id DESC LIMIT :most
""")
# One of them, locked with its ticket until the transaction ends; the ticket first, as everybody locks them.
_LOCK_TICKET = Statement("""
SELECT t.id FROM mail.ledger l JOIN mail.ticket n ON n.number = l.ticket_number
JOIN public."Ticket" t ON t.id = n.ticket_id WHERE l.id = :row FOR NO KEY UPDATE OF t
""")
_ONE = Statement(f"{_COLUMNS} WHERE l.id = :row AND l.fate IS NOT NULL FOR UPDATE OF l")
# Which of these Message-IDs their tickets knew by nobody yet at a moment.
_KNOWN_LATER = Statement("""
SELECT hash, ticket_number FROM mail.message_id
WHERE hash = ANY(CAST(:hashes AS bytea[])) AND known_at >= :then
""")


@dataclass(frozen=True, slots=True)
class WhichMails:
    """Which decided mails are wanted: of a mailbox, stored since, from number to number, at most so many."""

    mailbox: str | None = None
    since: datetime | None = None
    first: int = 0
    last: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedMail:
    """A decided mail as it is stored; `category` and `priority` are those with which its ticket began.

    `comment`, `note` and `description` are the texts that it became, None where it became none; an `_edited` one was
    changed by somebody since. `files` and `signature_files` are positions. `made_sender` says that its sender became
    a person by it. `continues` is the closed ticket that the one on which it is goes on from.
    """

    row: int
    mailbox: str
    fingerprint: bytes
    size: int
    partial: bool
    confirmed: bool
    restored: bool
    waited: bool
    arrived_at: datetime
    decided_at: datetime
    fate: str
    evidence: Mapping[str, Any]
    ticket: int | None
    sender: str | None
    comment_id: str | None
    html: str | None
    comment: str | None
    comment_edited: bool
    continues: int | None
    description: str | None
    description_edited: bool
    category: str | None
    priority: str | None
    note: str | None
    files: tuple[int, ...]
    signature_files: tuple[int, ...]
    made_sender: bool
    imported: Imported | None = None

    @property
    def rule(self) -> str:
        """The rule of intake that decided on it; empty where none did."""
        return str(self.evidence.get("rule", ""))


def read_decided(session: Session, which: WhichMails) -> Iterator[DecidedMail]:
    """The mails that are wanted, the newest first, by pages of the key."""
    before, left = (which.last + 1 if which.last is not None else 2**62), which.most
    while left is None or left > 0:
        most = PAGE if left is None else min(PAGE, left)
        values = {"before": before, "first": which.first, "mailbox": which.mailbox, "since": which.since, "most": most}
        rows = _PAGE.rows(session, values)
        yield from map(_decided, rows)
        if len(rows) < most:
            return
        before, left = rows[-1].row, None if left is None else left - len(rows)


def lock_decided(session: Session, row: int) -> DecidedMail | None:
    """One mail as it is now, locked with its ticket; None where it waits for a decision."""
    _LOCK_TICKET.rows(session, {"row": row})
    found = _ONE.one(session, {"row": row})
    return _decided(found) if found else None


def known_later(session: Session, hashes: list[bytes], then: datetime) -> set[tuple[bytes, int]]:
    """Of Message-IDs by their hashes, those that a ticket came to know at that moment or later, with its number."""
    rows = _KNOWN_LATER.rows(session, {"hashes": hashes, "then": then}) if hashes else []
    return {(bytes(row.hash), row.ticket_number) for row in rows}


def _decided(row: Any) -> DecidedMail:
    return DecidedMail(
        row=row.row,
        mailbox=row.mailbox,
        fingerprint=bytes(row.fingerprint),
        size=row.size,
        partial=row.partial,
        confirmed=row.confirmed,
        restored=row.restored,
        waited=row.waited,
        arrived_at=row.arrived_at,
        decided_at=row.decided_at,
        fate=row.fate,
        evidence=row.evidence,
        ticket=row.ticket_number,
        sender=row.sender,
        comment_id=row.comment_id,
        html=row.html,
        comment=row.comment,
        comment_edited=bool(row.comment_edited),
        continues=row.continues,
        description=row.description,
        description_edited=bool(row.description_edited),
        category=row.category,
        priority=row.priority,
        note=row.note,
        files=tuple(row.files),
        signature_files=tuple(row.signature_files),
        made_sender=bool(row.made_sender),
        imported=imported_of(row),
    )
