"""What passed between the desk and one person: the Message-IDs to thread by, and what the send gate asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk import caps
from desk.gate import Sending
from desk.notices import Letter
from models.breakers import read_breaker
from models.ledger import LedgerRow
from models.outbox import HELD, SENT, OutboxRow
from models.people import read_people
from models.suppression import why_suppressed

# Other spellings of an address are looked for among so many of the latest mails in each direction.
LATEST = 1000
# A mail that waits for its turn, or for its server, goes later than it was written.
LATE = timedelta(days=2)
# RFC 3834, section 5: an automatic answer to somebody's own mail.
REPLIED = "auto-replied"


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that wants to go out: by which letter, to whom, because of which mail; `row` where it is written."""

    letter: Letter
    recipient: str
    person: int | None
    cause: int | None
    row: int | None = None


def thread_ids(session: Session, ticket: int, person: int) -> list[str]:
    """The Message-IDs that this person knows of this ticket, theirs and ours, oldest first."""
    ours = select(OutboxRow.message_id, OutboxRow.written_at.label("at")).where(
        OutboxRow.ticket_number == ticket, OutboxRow.person_number == person
    )
    theirs = select(LedgerRow.message_id, LedgerRow.stored_at.label("at")).where(
        LedgerRow.ticket_number == ticket, LedgerRow.person_number == person, LedgerRow.message_id.is_not(None)
    )
    return list(session.scalars(union_all(ours, theirs).order_by(literal_column("at"))))


def read_sending(session: Session, mailing: Mailing, own: frozenset[str], now: datetime) -> Sending:
    """What the gate's rules look at, as it is in the database at this moment."""
    robot = select(LedgerRow.automatic).where(LedgerRow.id == mailing.cause)
    breaker = read_breaker(session, caps.fold(mailing.recipient))
    person = read_people(session, [mailing.person]).get(mailing.person) if mailing.person else None
    staff = person is not None and person.is_staff
    addresses = spellings(session, mailing.recipient)
    since = max(now - caps.DAY, breaker.counted_since or caps.BEGINNING)
    return Sending(
        recipient=mailing.recipient,
        person=person,
        to_staff=mailing.letter.to_staff,
        automatic=mailing.letter.auto_submitted is not None,
        answers_robot=mailing.cause is not None and session.scalar(robot) is not None,
        suppressed=why_suppressed(session, mailing.recipient),
        own_addresses=own,
        now=now,
        replies=mailing.letter.auto_submitted == REPLIED,
        breaker=breaker.reason,
        went=_went(session, addresses, mailing.row, now, caps.most_counted(caps.STAFF_CAPS if staff else caps.CAPS)),
        # A loop is seen when a mail is written; a breaker that opened since then is asked for when it is sent.
        passed=() if mailing.row else _passed(session, addresses, since, staff=staff),
        is_written=mailing.row is not None,
    )


def spellings(session: Session, address: str) -> list[str]:
    """The address, and others that fold to the same one and were seen among the latest mails."""
    seen = {address, *_latest(session, OutboxRow.recipient, address), *_latest(session, LedgerRow.sender, address)}
    folded = caps.fold(address)
    return sorted(one for one in seen if caps.fold(one) == folded)


def _latest(session: Session, column: InstrumentedAttribute[Any], address: str) -> Sequence[str]:
    latest = select(column.label("one")).order_by(column.class_.id.desc()).limit(LATEST).subquery()
    at_domain = func.right(latest.c.one, len(address.rpartition("@")[2]) + 1) == f"@{address.rpartition('@')[2]}"
    return session.scalars(select(latest.c.one).where(at_domain).distinct()).all()


def _went(
    session: Session, addresses: Sequence[str], row: int | None, now: datetime, most: int
) -> tuple[datetime, ...]:
    """When other mails to these addresses went or, for a mail not yet written, are to go; the latest first."""
    # A mail that was deferred stands in the window of its turn, not in the one in which it was written.
    turn = case((OutboxRow.attempts == 0, OutboxRow.due_at))
    at = func.greatest(OutboxRow.written_at, OutboxRow.sent_at, turn)
    others = and_(
        OutboxRow.recipient.in_(addresses),
        OutboxRow.written_at > now - caps.DAY - LATE,
        func.coalesce(OutboxRow.fate, SENT) == SENT,
    )
    before = and_(OutboxRow.id != row, at <= now) if row else at > now - caps.DAY
    return tuple(session.scalars(select(at).where(others, before).order_by(at.desc()).limit(most)))


def _passed(session: Session, addresses: Sequence[str], since: datetime, *, staff: bool) -> tuple[datetime, ...]:
    """When mails came from these addresses and automatic ones went to them; the latest first."""
    # Mails that waited on their server do not count as if all had come at once.
    came = func.least(LedgerRow.stored_at, LedgerRow.internal_date)
    theirs = select(came.label("at")).where(LedgerRow.sender.in_(addresses), LedgerRow.stored_at > since, came > since)
    automatic = OutboxRow.auto_submitted == REPLIED if staff else OutboxRow.auto_submitted.is_not(None)
    ours = select(OutboxRow.written_at.label("at")).where(
        OutboxRow.recipient.in_(addresses), OutboxRow.written_at > since, automatic, _not_held()
    )
    most = caps.most_counted(caps.STAFF_LOOPS if staff else caps.LOOPS)
    return tuple(session.scalars(union_all(theirs, ours).order_by(literal_column("at").desc()).limit(most)))


def _not_held() -> ColumnElement[bool]:
    return OutboxRow.fate.is_distinct_from(HELD)
