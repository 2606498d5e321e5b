"""Reconciliation: a server's list of mails compared with the ledger, and each gap named, or filled."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import FetchResult, Mailbox, Unfetched, open_mailbox
from mail.outbound.catalogue import Said, in_english, said
from models.db.errors import is_infrastructure
from models.ledger import reconciliation
from models.ledger.folders import Place, known_uids, read_folder_state
from models.ledger.mailboxes import (
    Pause,
    PauseCause,
    end_lease,
    ensure_mailbox,
    read_pause,
    renew_lease,
    take_lease,
)
from models.outbox.delivery import list_overdue
from worker.poll.fetch import fetch
from worker.poll.lease import LeaseLost, MailboxLease, given_back, why_left
from worker.poll.store import chunked, store_chunk, storing
from worker.runtime.mailboxes.accounts import imap_account
from worker.runtime.services import Services
from worker.runtime.transaction import transaction
from worker.settings.servers import MailboxSettings

logger = logging.getLogger(__name__)

UNDECIDED_AFTER = OVERDUE_AFTER = timedelta(hours=1)
UNFINISHED_AFTER = timedelta(days=1)
# How long the lease is waited for: a poll has it for a moment only.
PATIENCE_SECONDS = 30.0
TAKEN_OVER = "a poller took the mailbox over"

AfterChunk = Callable[[], None]


class Lack(StrEnum):
    """What can be wrong with a row, or that there is none."""

    MISSING = "missing"
    STUB = "stub"
    UNFINISHED = "unfinished"
    UNDECIDED = "undecided"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap: where it is, in a sentence too, and whether it was filled. `number` is the row's in its queue."""

    lack: Lack
    told: Said
    uid: int | None = None
    number: int | None = None
    repaired: bool = False

    @property
    def sentence(self) -> str:
        """The sentence as operators read it."""
        return in_english(self.told)


@dataclass(frozen=True, slots=True)
class Compared:
    """One mailbox compared with the ledger.

    `there` counts the mails on the server that are ours; `waiting` those of them that the next poll takes; `gone`
    those in the ledger that the server has no more, as after a move or a deletion. `partial` are the UIDs of mails
    that are too large and of which only the headers were stored. `more`: the repair stopped with gaps left.
    """

    mailbox: str
    gaps: tuple[Gap, ...] = ()
    there: int = 0
    waiting: int = 0
    gone: int = 0
    partial: tuple[int, ...] = ()
    trouble: str | None = None
    more: bool = False

    @property
    def open_gaps(self) -> tuple[Gap, ...]:
        """The gaps that were not filled."""
        return tuple(gap for gap in self.gaps if not gap.repaired)


@dataclass(frozen=True, slots=True)
class _Views:
    """What both sides say: the server's UIDs above the baseline, the ledger's, its mark, its stubs."""

    there: Sequence[int]
    known: set[int]
    mark: int
    stubs: Mapping[int, int]
    partial: Sequence[int]
    unfinished: Sequence[tuple[int, int]]

    @property
    def missing(self) -> list[int]:
        """The mails that polls have passed by; those above the mark are still to be polled."""
        return [uid for uid in self.there if uid < self.mark and uid not in self.known]

    @property
    def fillable(self) -> dict[int, int]:
        """The stubs whose mail is still on the server, as UID and row id."""
        there = set(self.there)
        return {uid: row for uid, row in self.stubs.items() if uid in there}


@dataclass(slots=True)
class _Repair:
    """A repair under way: the UIDs that are in the ledger by now, and whether it stopped early."""

    filled: set[int] = field(default_factory=set)
    more: bool = False


def reconcile_mailbox(
    services: Services, name: str, *, repair: bool = False, after_chunk: AfterChunk = lambda: None
) -> Compared:
    """Compare a mailbox with the ledger under its lease, as a poller has it; with `repair` take what is missing.

    A mail that the ledger lacks is stored, and a stub gets its bytes; both are then fresh work. Mails at or below the
    baseline are never taken, those above the mark are left to the next poll.
    """
    box = services.mailbox(name)
    with transaction(services.engine) as session:
        mailbox_id = ensure_mailbox(session, box.name, box.address)
        late = reconciliation.list_undecided(session, mailbox_id, UNDECIDED_AFTER)
    token, pause = _wait_for_lease(services, mailbox_id)
    if token is None:
        compared = Compared(box.name, trouble=why_left(pause) if pause else "another poller has the mailbox")
    else:
        server = imap_account(services, box)
        lease = MailboxLease(services.engine, box, services.limits, mailbox_id, token, after_chunk, server)
        with given_back(lease):
            compared = _under_lease(lease, repair=repair)
        with transaction(services.engine) as session:
            end_lease(session, mailbox_id, token, compared.trouble)
    undecided = (
        Gap(Lack.UNDECIDED, said("admins.gap_undecided", number=str(row), mailbox=box.name), number=row) for row in late
    )
    return replace(compared, gaps=(*compared.gaps, *undecided))


def reconcile_to_the_end(
    services: Services, name: str, *, repair: bool = False, after_chunk: AfterChunk = lambda: None
) -> Compared:
    """Reconcile a mailbox in as many rounds as the repair takes."""
    compared = reconcile_mailbox(services, name, repair=repair, after_chunk=after_chunk)
    while compared.more:
        filled = tuple(gap for gap in compared.gaps if gap.repaired)
        compared = reconcile_mailbox(services, name, repair=repair, after_chunk=after_chunk)
        compared = replace(compared, gaps=(*filled, *compared.gaps))
    return compared


def overdue_mails(services: Services) -> tuple[Gap, ...]:
    """The outgoing mails that should have been sent or given up by now."""
    with transaction(services.engine) as session:
        rows = list_overdue(session, OVERDUE_AFTER)
    return tuple(Gap(Lack.OVERDUE, said("admins.gap_overdue", number=str(row)), number=row) for row in rows)


def _wait_for_lease(services: Services, mailbox_id: int) -> tuple[UUID | None, Pause | None]:
    """The lease; without one, an operator's pause, which is not waited for."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        with transaction(services.engine) as session:
            token = take_lease(session, mailbox_id, timedelta(seconds=services.limits.poll_lease_seconds))
            pause = None if token else read_pause(session, mailbox_id)
        by_operator = pause if pause and pause.cause is PauseCause.OPERATOR else None
        if token or by_operator or time.monotonic() > ends:
            return token, by_operator
        time.sleep(0.5)


def _under_lease(lease: MailboxLease, *, repair: bool) -> Compared:
    compared, progress = Compared(lease.box.name), _Repair()
    try:
        with open_mailbox(lease.server, lease.connection_seconds) as mailbox:
            place = lease.place(mailbox.select(lease.box.folder))
            views = _read_both_sides(lease, mailbox, place)
            if views is None:
                return replace(compared, trouble="the folder was never polled under its present UIDVALIDITY")
            compared = _compare(lease.box, views)
            if repair:
                _fill_gaps(lease, mailbox, place, views, progress)
    except (TemporaryFailure, PermanentFailure, LeaseLost) as failure:
        trouble = TAKEN_OVER if isinstance(failure, LeaseLost) else str(failure)
        logger.warning("Mailbox %s was not reconciled to the end: %s", lease.box.name, trouble)
        compared = replace(compared, trouble=trouble)
    filled = tuple(replace(gap, repaired=gap.uid in progress.filled) for gap in compared.gaps)
    return replace(compared, gaps=filled, more=progress.more)


def _read_both_sides(lease: MailboxLease, mailbox: Mailbox, place: Place) -> _Views | None:
    with transaction(lease.engine) as session:
        baseline, sight = reconciliation.baseline_of(session, place), read_folder_state(session, place)
        known, stubs = known_uids(session, place), reconciliation.list_stubs(session, place)
        partial = reconciliation.partial_uids(session, place)
        unfinished = reconciliation.list_unfinished(session, place, UNFINISHED_AFTER)
    if baseline is None or sight is None:
        return None
    # While a renumbered folder is taken in, what lies below the mark may be waiting like what lies above.
    mark = baseline if sight.gaps else sight.mark
    return _Views(mailbox.uids_after(baseline), known, mark, stubs, partial, unfinished)


def _compare(box: MailboxSettings, views: _Views) -> Compared:
    there = set(views.there)
    missing = [
        Gap(Lack.MISSING, said("admins.gap_missing", uid=str(uid), mailbox=box.name, folder=box.folder), uid)
        for uid in views.missing
    ]
    stubs = [
        Gap(Lack.STUB, said("admins.gap_stub", number=str(row), uid=str(uid), mailbox=box.name), uid, row)
        for uid, row in views.fillable.items()
    ]
    place = {"mailbox": box.name, "after": str(box.after)}
    unfinished = [
        Gap(Lack.UNFINISHED, said("admins.gap_unfinished", number=str(row), uid=str(uid), **place), uid, row)
        for row, uid in views.unfinished
    ]
    return Compared(
        box.name,
        (*missing, *stubs, *unfinished),
        there=len(there),
        waiting=len(there - views.known) - len(missing),
        gone=len(views.known - there),
        partial=tuple(views.partial),
    )


def _fill_gaps(lease: MailboxLease, mailbox: Mailbox, place: Place, views: _Views, repair: _Repair) -> None:
    """Fetch what is missing, then what the stubs lack: they are there because fetching them failed before."""
    stubs = views.fillable
    for chunk in chunked(fetch(lease, mailbox, place, [*views.missing, *stubs])):
        fresh = [mail for mail in chunk if mail.uid not in stubs]
        store_chunk(lease, fresh)
        repair.filled |= {mail.uid for mail in fresh if not isinstance(mail, Unfetched)}
        repair.filled |= {mail.uid for mail in chunk if mail.uid in stubs and _fill_stub(lease, stubs[mail.uid], mail)}
        lease.after_chunk()
        if lease.is_time_up:
            repair.more = True
            return


def _fill_stub(lease: MailboxLease, row: int, mail: FetchResult) -> bool:
    if isinstance(mail, Unfetched):
        return False
    try:
        with transaction(lease.engine) as session:
            held = renew_lease(session, lease.mailbox_id, lease.token, lease.duration)
            return held and reconciliation.fill_stub(session, row, storing(lease, mail))
    except SQLAlchemyError as error:
        if is_infrastructure(error):
            raise
        logger.exception("UID %s of %s could not be stored", mail.uid, lease.box.name)
        return False
