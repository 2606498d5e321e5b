"""What stands behind the mails that we sent: the mails and notes that caused them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from desk.facts import Behind
from desk.intake.decision import RuleName
from desk.tokens import Grant, Kind
from mail.mime.addresses import Address
from models.asking import Ask, any_of
from models.events import EventRow
from models.ledger import LedgerRow
from models.notes import Note
from models.outbox import OutboxRow
from models.people import find_person

# The columns of a mail `a` of the outbox that its grant is made of.
GRANT: Final = """
a.id AS outbox_id, a.kind, a.mailbox, a.ticket_number, a.person_number, a.recipient, a.role AS power,
    a.token_expires_at, a.spent_at
"""
_GRANTS: Final = Ask(f"SELECT {GRANT} FROM mail.outbox a WHERE a.id = {any_of('ids')}")


def read_grants(session: Session, ids: Sequence[int]) -> dict[int, Grant]:
    """What these mails of ours gave to their recipients."""
    if not ids:
        return {}
    rows = _GRANTS.rows(session, {"ids": list(ids)})
    return {row.outbox_id: grant_of(row) for row in rows}


def grant_of(row: Row[*tuple[Any, ...]]) -> Grant:
    """What a mail of ours gave its recipient, of a row with `GRANT`."""
    return Grant(
        id=row.outbox_id,
        kind=Kind(row.kind),
        mailbox=row.mailbox,
        ticket=row.ticket_number,
        person=row.person_number,
        address=row.recipient,
        role=row.power,
        expires_at=int(row.token_expires_at.timestamp()),
        spent=row.spent_at is not None,
    )


def read_behind(session: Session, ids: Sequence[int]) -> dict[int, Behind]:
    """What stands behind each of these mails of ours."""
    if not ids:
        return {}
    waits = and_(
        LedgerRow.fate == "not_applied",
        LedgerRow.confirmed_at.is_(None),
        LedgerRow.evidence["rule"].astext == RuleName.STAFF_WITHOUT_POWER,
    )
    statement = (
        select(OutboxRow.id, OutboxRow.written_at, EventRow.cause, EventRow.note_id, waits.label("waits"))
        .outerjoin(EventRow, EventRow.id == OutboxRow.event_id)
        .outerjoin(LedgerRow, LedgerRow.id == EventRow.cause)
        .where(OutboxRow.id.in_(ids))
    )
    return {row.id: _behind(session, row) for row in session.execute(statement)}


def _behind(session: Session, row: Row[*tuple[Any, ...]]) -> Behind:
    note = session.get(Note, row.note_id) if row.note_id else None
    if note is None or note.accepted_at is not None:
        return Behind(row.cause, row.written_at, bool(row.waits))
    return Behind(row.cause, row.written_at, bool(row.waits), note.id, note.text, author_to_accept(session, note))


def author_to_accept(session: Session, note: Note) -> Address | None:
    """Who wrote a note that `#accept` lets be a comment: not staff, and no program; None for all other notes."""
    ledger = session.get(LedgerRow, note.ledger_id) if note.ledger_id else None
    if note.accepted_at is not None or ledger is None or ledger.evidence.get("rule") != RuleName.ONLY_A_NOTE:
        return None
    person = find_person(session, ledger.sender or "")
    if person is not None:
        return None if person.is_staff else Address(person.name, person.email)
    return Address("", ledger.sender) if ledger.sender else None
