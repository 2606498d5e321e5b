"""An archived ticket as a conversation, read from what is packed; nothing comes back by it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.ticket import STAFF_ROLES, UNPROVEN_SENDERS
from models.db.packed import Damaged, unpack
from models.ledger.rows import LedgerRow
from models.removal.archive.restore import CannotRestore
from models.supportdesk.anchors import TicketAnchor
from models.supportdesk.archived import ArchivedTicket, parts_of
from models.supportdesk.tables import User
from models.tickets.attachments import AttachmentRow
from models.tickets.conversation import (
    Entry,
    EntryKind,
    FileNames,
    TicketConversation,
    WrittenNote,
    note_entry,
    read_notes,
)

# What a conversation is made of; the rows that follow need not be unpacked.
_SHOWN: Final = ("Ticket", "Comment", "TicketActivity", "note", "reading", "attachment")
_SOMEBODY: Final = "somebody unknown"
Row = Mapping[str, Any]


def read_archived(session: Session, number: int) -> TicketConversation | None:
    """The conversation of an archived ticket, with its people as they are now; None where it is not in the archive.

    Raises CannotRestore where its archive is damaged.
    """
    archived = session.get(ArchivedTicket, number)
    if archived is None:
        return None
    rows: dict[str, list[Row]] = {table: [] for table in _SHOWN}
    try:
        for table, row in takewhile(lambda line: line[0] in _SHOWN, unpack(parts_of(session, number, archived.parts))):
            rows[table].append(row)
    except Damaged as error:
        message = f"The archive of SD-{number} is damaged: what is stored is not what was packed."
        raise CannotRestore(message) from error
    return _conversation(session, archived, rows)


def _conversation(session: Session, archived: ArchivedTicket, rows: Mapping[str, list[Row]]) -> TicketConversation:
    ticket, anchor = rows["Ticket"][0], session.get_one(TicketAnchor, archived.number)
    people = _people(session, {ticket["createdById"], ticket["assignedToId"], *_authors(rows["Comment"])})
    notes = {str(one[0].id): one for one in read_notes(session, archived.number)}
    files = _files(session, archived.number, rows["attachment"], notes)
    later = [*_comments(rows["Comment"], people, files), *_note_entries(rows["note"], notes, files)]
    owner = people.get(ticket["assignedToId"])
    return TicketConversation(
        number=archived.number,
        title=archived.title,
        status=archived.status,
        priority=ticket["priority"],
        category=ticket["category"],
        customer=archived.customer,
        owner=owner.email if owner else "",
        merged_into=anchor.merged_into,
        continues=anchor.continues,
        archived_at=archived.archived_at,
        entries=(
            _request(ticket, archived.customer, people, files),
            *sorted(later, key=lambda entry: entry.at),
        ),
    )


def _people(session: Session, ids: set[str | None]) -> dict[str | None, User]:
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids - {None})))}


def _authors(comments: Iterable[Row]) -> set[str]:
    return {comment["userId"] for comment in comments}


def _request(ticket: Row, customer: str, people: Mapping[str | None, User], files: FileNames) -> Entry:
    user = people.get(ticket["createdById"])
    email = customer if user is None or user.id == UNPROVEN_SENDERS else user.email
    return Entry(
        kind=EntryKind.REQUEST,
        author=(user.name if user else "") or email,
        email=email,
        by_staff=user is not None and user.role in STAFF_ROLES,
        at=_utc(ticket["createdAt"]),
        text=ticket["description"],
        files=files.get(None, ()),
    )


def _comments(comments: Iterable[Row], people: Mapping[str | None, User], files: FileNames) -> list[Entry]:
    entries = []
    for comment in sorted(comments, key=lambda one: (one["createdAt"], one["id"])):
        user = people.get(comment["userId"])
        entries.append(
            Entry(
                kind=EntryKind.COMMENT,
                author=(user.name or user.email) if user else _SOMEBODY,
                email=user.email if user else "",
                by_staff=user is not None and user.role in STAFF_ROLES,
                at=_utc(comment["createdAt"]),
                text=comment["content"],
                files=files.get(comment["id"], ()),
            )
        )
    return entries


def _note_entries(packed: Iterable[Row], notes: Mapping[str, WrittenNote], files: FileNames) -> list[Entry]:
    """The notes, whose words are packed."""
    texts = {row["id"]: row["text"] for row in packed}
    return [
        note_entry(note, user, sender, texts.get(number) or note.text, files)
        for number, (note, user, sender) in notes.items()
    ]


def _files(session: Session, number: int, packed: Iterable[Row], notes: Mapping[str, WrittenNote]) -> FileNames:
    """The names of the files, those that stayed as others have them too and those that are packed."""
    mails = select(LedgerRow.id).where(LedgerRow.ticket_number == number).order_by(LedgerRow.id).limit(1)
    opener, noted = session.scalar(mails), {note.ledger_id for note, *_ in notes.values()}
    stayed = select(
        AttachmentRow.ledger_id, AttachmentRow.position, AttachmentRow.comment_id, AttachmentRow.filename
    ).where(AttachmentRow.ticket_number == number, AttachmentRow.of_signature.is_(False))
    rows: list[tuple[int, int, str | None, str]] = [
        (row.ledger_id, row.position, row.comment_id, row.filename) for row in session.execute(stayed)
    ]
    rows += [
        (int(row["ledger_id"]), int(row["position"]), row["comment_id"], row["filename"])
        for row in packed
        if row["of_signature"] != "true"
    ]
    files = defaultdict[str | int | None, list[str]](list)
    for mail, _, comment, name in sorted(rows, key=lambda row: row[:2]):
        if comment or mail == opener:
            files[comment].append(name)
        elif mail in noted:
            files[mail].append(name)
    return {key: tuple(names) for key, names in files.items()}


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
