"""One old mail: whether the desk has it, what would become of it, and its transaction."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import FrameType

from sqlalchemy.orm import Session

from desk.facts import Imported
from desk.intake.decision import Act, Decision, KeepNote, OpenTicket
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.trust.copies import is_named, topmost_received
from mail.mime.headers import HEAD_BYTES, read_date
from mail.mime.message_ids import Peek, peek
from models.db.clock import read_now
from models.intake.imports import UIDVALIDITY, is_known, store_imported
from models.ledger.mails import LedgerMail
from models.ledger.rows import NewMail
from worker.history.files.place import outline_of, read_mail
from worker.history.imports.plan import AHEAD, Planned
from worker.intake.old_mail import take_in_quietly
from worker.runtime.limits import memory_limit
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

# What is in the name of staff or of the desk, and the operator does not vouch for it.
OF_STAFF = frozenset({RuleName.STAFF_WITHOUT_POWER, RuleName.OUR_OWN_ADDRESS})


class Outcome(StrEnum):
    """What became of an old mail, or would; a value is a key of the counts."""

    TICKET = "tickets"
    COMMENT = "comments"
    NOTE = "notes"
    KNOWN = "known"
    NOT_APPLIED = "not_applied"
    OF_STAFF = "of_staff"
    AWAITED = "awaited"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Took:
    """What became of one mail: by which rule, or for one that could not be taken why, as a sentence."""

    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where old mails go: the mailbox by id and name, what the operator chose, and the staff of today.

    `awaited` is from when until when mails came that the mailbox's server may show yet; None where that is none.
    """

    services: Services
    mailbox_id: int
    mailbox: str
    vouched: bool
    stays_open: bool
    staff: tuple[Candidate, ...] = field(default=())
    awaited: tuple[datetime, datetime] | None = None

    def is_awaited(self, raw: bytes) -> bool:
        """Whether a mail will come from the server: taken as an old one, it would never be answered."""
        came = came_at(raw) if self.awaited else None
        return self.awaited is not None and came is not None and self.awaited[0] < came <= self.awaited[1] + AHEAD

    def imported(self, at: datetime) -> Imported:
        """What is chosen for a mail of this time."""
        return Imported(at, vouched=self.vouched, stays_open=self.stays_open)


class TookTooLong(Exception):
    """Reading one mail took longer than the limits allow."""


class _NotVouchedFor(Exception):
    """A mail in the name of staff leaves no trace, so that it can be taken once the operator vouches for it."""


def take_mail(target: Target, planned: Planned) -> Took:
    """Take one mail in, in a transaction of its own; nothing stays of what is left out for want of a voucher.

    Raises SQLAlchemyError, OSError and FileChanged.
    """
    place, services = planned.place, target.services
    if place.size > services.policy.largest_mail:
        return Took(Outcome.TOO_LARGE, f"{place.name} has {place.size} bytes.")
    raw = read_mail(place)
    seen = peek(raw)
    try:
        with (
            patience(services.limits.mail_seconds),
            transaction(services.engine, quiet=True) as session,
            memory_limit(services.limits.mail_megabytes),
        ):
            return _take(session, target, planned, raw, seen)
    except _NotVouchedFor:
        return Took(Outcome.OF_STAFF)


def _take(session: Session, target: Target, planned: Planned, raw: bytes, seen: Peek) -> Took:
    uid = uid_of(raw, seen)
    if is_known_mail(session, planned, raw, seen):
        return Took(Outcome.KNOWN)
    if target.is_awaited(raw):
        return Took(Outcome.AWAITED)
    row = store_imported(session, _new_mail(target, planned, raw, seen, uid), target.imported(planned.at))
    if row is None:
        return Took(Outcome.KNOWN)
    mail = ledger_mail(target, planned, raw, seen, row=row, now=read_now(session))
    rule, decision, _ = take_in_quietly(session, target.services, mail, target.staff)
    if is_unvouched(rule, decision, vouched=target.vouched):
        raise _NotVouchedFor
    return Took(outcome_of(decision), rule)


def is_known_mail(session: Session, planned: Planned, raw: bytes, seen: Peek) -> bool:
    """Whether the desk has a mail already, from a server or from a file."""
    named = is_named(seen.message_id, outline_of(raw).date, planned.at)
    return is_known(session, seen.fingerprint, uid_of(raw, seen), named=named)


def came_at(raw: bytes) -> datetime | None:
    """When a mail came to its server, else when it was written; None where neither is said."""
    received = topmost_received(raw).rpartition(b";")[2]
    return read_date(" ".join(received.decode("latin-1").split())) or outline_of(raw[:HEAD_BYTES]).date


def uid_of(raw: bytes, seen: Peek) -> int:
    """The number of a mail from a file: the same in whatever file it lies, and another one for each arrival."""
    digest = sha256(seen.fingerprint + b" ".join(topmost_received(raw).split())).digest()
    return int.from_bytes(digest[:8]) >> 1


def ledger_mail(target: Target, planned: Planned, raw: bytes, seen: Peek, *, row: int, now: datetime) -> LedgerMail:
    """A mail from a file, as intake reads it from its row."""
    return LedgerMail(
        row=row,
        mailbox=target.mailbox,
        fingerprint=seen.fingerprint,
        size=len(raw),
        partial=False,
        confirmed=False,
        restored=False,
        raw=raw,
        arrived_at=planned.at,
        now=now,
        imported=target.imported(planned.at),
    )


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise TookTooLong where the block takes longer; a worker would end its process, and an import goes on."""

    def end(_: int, __: FrameType | None) -> None:
        raise TookTooLong(f"Reading it took longer than {seconds:g} seconds.")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _new_mail(target: Target, planned: Planned, raw: bytes, seen: Peek, uid: int) -> NewMail:
    return NewMail(
        mailbox_id=target.mailbox_id,
        folder=planned.folder,
        uidvalidity=UIDVALIDITY,
        uid=uid,
        internal_date=planned.at,
        message_id=seen.message_id,
        refers=seen.refers,
        fingerprint=seen.fingerprint,
        raw=raw,
    )


def outcome_of(decision: Decision) -> Outcome:
    """What a decision makes of an old mail."""
    match decision:
        case OpenTicket():
            return Outcome.TICKET
        case Act():
            return Outcome.NOTE if decision.changes.note else Outcome.COMMENT
        case KeepNote():
            return Outcome.NOTE
        case _:
            return Outcome.NOT_APPLIED


def is_unvouched(rule: RuleName, decision: Decision, *, vouched: bool) -> bool:
    """Whether a mail is left out as it is in the name of staff, and the operator does not vouch for those."""
    return rule in OF_STAFF and outcome_of(decision) is Outcome.NOT_APPLIED and not vouched
