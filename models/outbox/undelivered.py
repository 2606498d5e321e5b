"""Mails of the outbox that were not sent: those that are new, wait after an error, failed or were held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from desk.gate.hold import TAKEN_BACK
from desk.gate.verdict import was_stopped
from models.db.base import OPEN, among
from models.db.claims import Claimed
from models.db.statement import Statement
from models.outbox.rows import FAILED, HELD, OutboxRow
from models.supportdesk.archived import ArchivedTicket

# A reset sends no more of what a breaker held; the rest can be released by number.
MOST_STOPPED = 1000

# Reasons that are keys: of a mail that waits because the outgoing server refused us, and of one that was given up.
SENDER_REFUSED: Final = "sender refused"
DROPPED: Final = "dropped"

# One worker at a time sees whether it is the first that was refused.
_LOCK: Final = Statement("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk sender refused', 0))")
_WAITING: Final = Statement(f"""
SELECT id, error FROM mail.outbox WHERE fate IS NULL AND reason = '{SENDER_REFUSED}' ORDER BY id LIMIT :most
""")
# A mail that was refused for what we are goes back into the queue; its attempt does not count.
_WAIT: Final = Statement(f"""
UPDATE mail.outbox SET due_at = now() + :pause, attempts = greatest(attempts - 1, 0), reason = '{SENDER_REFUSED}',
    error = :error, claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :id AND claimed_by = :token AND {OPEN}
RETURNING id
""")
_AS_NEW: Final[dict[str, Any]] = {
    "fate": None,
    "reason": None,
    "decided_at": None,
    "attempts": 0,
    "tries": 0,
    "due_at": func.now(),
    "retried_at": func.now(),
    "claimed_by": None,
    "claimed_at": None,
    "claimed_until": None,
    "claimed_alone": False,
}


class State(StrEnum):
    """How far a mail is: it is new, it waits after an error, it failed, the send gate held it, or it was sent."""

    NEW = "new"
    SENT = "sent"
    WAITING = "waiting"
    FAILED = "failed"
    HELD = "held"


# Those of which somebody may have to decide.
UNDELIVERED: Final = (State.WAITING, State.FAILED, State.HELD)


@dataclass(frozen=True, slots=True)
class UndeliveredMail:
    """A mail of ours, as an admin sees it; `due_at` is when one that waits is tried again."""

    number: int
    state: State
    template: str
    ticket: int | None
    recipient: str
    subject: str
    text: str
    written_at: datetime
    due_at: datetime
    attempts: int
    reason: str
    error: str


def wait_for_server(session: Session, claimed: Claimed, outbox_id: int, error: str, pause: timedelta) -> bool | None:
    """Let a mail wait that the server refused for what we are; whether no other waits for that, which is news.

    None where the claim no longer holds, and nothing was written.
    """
    _LOCK.write(session)
    is_first = not refused_for_us(session, 1)
    values = {"id": outbox_id, "token": claimed.token, "error": error, "pause": pause}
    return is_first if _WAIT.one(session, values) else None


def refused_for_us(session: Session, most: int) -> tuple[str, ...]:
    """The errors of mails that wait because the outgoing server refused us, the oldest first, at most so many."""
    return tuple(row.error or "" for row in _WAITING.rows(session, {"most": most}))


def list_undelivered(
    session: Session, since: timedelta, state: State | None = None, most: int | None = None, after: int = 0
) -> list[UndeliveredMail]:
    """The mails written within this time that are in this state, or for None wait after an error, failed or were held.

    The oldest come first, those with numbers above `after`, so many at most (None: all). Those given up are left out.
    """
    chosen = _is(state) if state else or_(*(_is(one) for one in UNDELIVERED))
    recent = OutboxRow.written_at > func.now() - since
    wanted = select(OutboxRow).where(chosen, recent, OutboxRow.id > after)
    return [_undelivered(row) for row in session.scalars(wanted.order_by(OutboxRow.id).limit(most))]


def read_ours(session: Session, number: int) -> UndeliveredMail | None:
    """Any mail of ours; None where there is none of this number."""
    row = session.get(OutboxRow, number)
    return None if row is None else _undelivered(row)


def read_undelivered(session: Session, number: int) -> UndeliveredMail | None:
    """One such mail; None where it was sent, is new, or there is none."""
    row = session.scalars(
        select(OutboxRow).where(OutboxRow.id == number, or_(*(_is(one) for one in UNDELIVERED)))
    ).first()
    return None if row is None else _undelivered(row)


def send_again(session: Session, numbers: Sequence[int], state: State) -> list[int]:
    """Make those of the mails that are in this state due now; their numbers. The gate is asked again as for every mail.

    One that waits keeps its reason; one that is just being sent is left alone, and so is one whose words are gone or
    in the archive.
    """
    archived = exists().where(ArchivedTicket.number == OutboxRow.ticket_number)
    mine = and_(OutboxRow.id == among(numbers), _is(state), OutboxRow.text != "", ~archived)
    waits = {"due_at": func.now(), "retried_at": func.now(), "tries": 0}
    changed = update(OutboxRow).where(mine).values(**(waits if state is State.WAITING else _AS_NEW))
    return sorted(session.scalars(changed.returning(OutboxRow.id)))


def list_stopped(session: Session, correspondent: str | None, since: timedelta) -> tuple[int, ...]:
    """The ids of mails written within this time that a breaker held, at most MOST_STOPPED, the oldest first.

    They are those of the loop breakers of a folded address, or, where it is None, of that of strangers.
    """
    recent = OutboxRow.written_at > func.now() - since
    whose = OutboxRow.to_stranger if correspondent is None else OutboxRow.correspondent == correspondent
    # What was erased is gone for good.
    there = OutboxRow.html != ""
    held = select(OutboxRow.id, OutboxRow.reason).where(_is(State.HELD), whose, recent, there).order_by(OutboxRow.id)
    rows = session.execute(held.limit(MOST_STOPPED))
    return tuple(row.id for row in rows if was_stopped(row.reason or ""))


def list_wordless(session: Session, numbers: Sequence[int]) -> list[int]:
    """Those of the mails whose words were let go, and are not in the archive."""
    archived = exists().where(ArchivedTicket.number == OutboxRow.ticket_number)
    empty = and_(OutboxRow.text == "", OutboxRow.html == "", ~archived)
    wordless = select(OutboxRow.id).where(OutboxRow.id == among(numbers), empty)
    return sorted(session.scalars(wordless))


def drop(session: Session, number: int) -> State | None:
    """Decide that a mail is never sent, whose reason becomes its error; the state that it was in, None for none."""
    mail = read_undelivered(session, number)
    if mail is None:
        return None
    values = {"fate": HELD if mail.state is State.HELD else FAILED, "reason": DROPPED, "decided_at": func.now()}
    mine = and_(OutboxRow.id == number, _is(mail.state))
    if mail.state is not State.WAITING:
        values["error"] = OutboxRow.reason
    row = update(OutboxRow).where(mine).values(**values).returning(OutboxRow.id)
    return mail.state if session.scalar(row) is not None else None


def _is(state: State) -> Any:
    if state is State.NEW:
        return and_(OutboxRow.fate.is_(None), OutboxRow.error.is_(None))
    if state is State.WAITING:
        # What is claimed is just being sent.
        return and_(OutboxRow.fate.is_(None), OutboxRow.error.is_not(None), OutboxRow.claimed_by.is_(None))
    return and_(OutboxRow.fate == str(state), func.coalesce(OutboxRow.reason, "").not_in((DROPPED, TAKEN_BACK)))


def _undelivered(row: OutboxRow) -> UndeliveredMail:
    return UndeliveredMail(
        number=row.id,
        state=State(row.fate) if row.fate else State.WAITING if row.error else State.NEW,
        template=row.template,
        ticket=row.ticket_number,
        recipient=row.recipient,
        subject=row.subject,
        text=row.text,
        written_at=row.written_at,
        due_at=row.due_at,
        attempts=row.attempts,
        reason=row.reason or "",
        error=row.error or "",
    )
