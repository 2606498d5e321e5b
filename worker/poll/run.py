"""Polling: new mails of one mailbox into the ledger, raw bytes first."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from mail.failures import PermanentFailure, ServerBusy, TemporaryFailure
from mail.imap.mailbox import FetchResult, Mailbox, Oversized, Unfetched, open_mailbox
from models.ledger.access_tokens import read_token
from models.ledger.folders import Place
from models.ledger.mailboxes import (
    Opening,
    end_lease,
    end_refused,
    ensure_mailbox,
    pause_mailbox,
    read_pause,
    take_lease,
    version_of,
)
from models.ledger.rows import list_undone_on_server, set_done_on_server
from worker.poll.fetch import fetch
from worker.poll.lease import LeaseLost, MailboxLease, given_back, why_left
from worker.poll.selection import select_new
from worker.poll.store import chunked, store_chunk
from worker.runtime.mailboxes.accounts import POLL_RENEWS, imap_account
from worker.runtime.services import Services, imap_server
from worker.runtime.transaction import transaction
from worker.settings.servers import MailboxSettings
from worker.settings.types import After

logger = logging.getLogger(__name__)

FLAG = "$SupportDesk"
TAKEN_OVER = "another poller took the mailbox over"


@dataclass(slots=True)
class Polled:
    """What one poll did: new mails stored, mails that the ledger had, and UIDs that could not be fetched.

    It is counted up while the poll is at work, so that it is true also where the poll breaks off. `left_alone` counts
    mails from before the first sight of the folder. `more`: the poll stopped with mails left, or was asked for again
    after its last look. `pause` is for how many seconds the server asked to be left alone; `opened` is what it showed
    where it let us in, and `refused` says that it did not want to.
    """

    stored: int = 0
    known: int = 0
    unfetched: tuple[Unfetched, ...] = ()
    trouble: str | None = None
    left_alone: int = 0
    more: bool = False
    pause: float | None = None
    opened: Opening | None = None
    refused: bool = False
    unreachable: bool = False

    def count(self, chunk: Sequence[FetchResult], new: int) -> None:
        """Count a stored chunk, of whose mails `new` were not in the ledger before."""
        self.stored += new
        self.known += len(chunk) - new
        self.unfetched += tuple(mail for mail in chunk if isinstance(mail, Unfetched))

    def plus(self, later: "Polled") -> "Polled":
        """The counts of this poll and of the one after it together, with what that one says of its end."""
        return replace(
            later,
            stored=self.stored + later.stored,
            known=self.known + later.known,
            unfetched=(*self.unfetched, *later.unfetched),
            left_alone=self.left_alone + later.left_alone,
        )


def poll_mailbox(
    services: Services, name: str, after_chunk: Callable[[], None] = lambda: None, *, at_once: bool = False
) -> Polled:
    """Take the new mails of one mailbox into the ledger.

    1. Take the mailbox's lease; where another poller has it, an operator paused it, or the server is left alone, do
       nothing. One that refused us is asked again after a while, with other settings, or `at_once` where a person wants
       to know.
    2. Finish on the server what an earlier poll stored but did not flag or move.
    3. Fetch by UID what is ours and not in the ledger, and commit each chunk's raw bytes.
    4. Only then flag or move on the server, and record that it is done.
    5. Look again until there is nothing new. A poll that was asked for after that found the lease taken, and follows.

    The connection is cut before the lease ends, so that a server which hangs or trickles holds nothing.
    """
    box = services.mailbox(name)
    with transaction(services.engine) as session:
        mailbox_id = ensure_mailbox(session, box.name, box.address)
        lease = timedelta(seconds=services.limits.poll_lease_seconds)
        token = take_lease(session, mailbox_id, lease, _mark(services, box, session), at_once=at_once)
        pause = None if token else read_pause(session, mailbox_id)
    if token is None:
        return Polled(trouble=why_left(pause) if pause else "another poller has the mailbox")
    polled = Polled()
    # Here, where one process alone has the mailbox, its token is renewed before the others need that.
    server = imap_account(services, box, POLL_RENEWS)
    held = MailboxLease(services.engine, box, services.limits, mailbox_id, token, after_chunk, server)
    with given_back(held):
        version = _poll(held, polled)
    with transaction(services.engine) as session:
        if polled.pause:
            pause_mailbox(session, mailbox_id, token, timedelta(seconds=polled.pause), polled.trouble)
            return polled
        if polled.refused:
            end_refused(session, mailbox_id, token, polled.trouble or "")
            return polled
        asked_again = end_lease(session, mailbox_id, token, polled.trouble, version, polled.opened)
    polled.more = polled.more or asked_again
    return polled


def _mark(services: Services, box: MailboxSettings, session: Session) -> str:
    """A mark of all that opens a mailbox, of which nothing can be read; it changes with each part of that."""
    server = imap_server(box, services.limits)
    parts = [server.host, str(server.port), server.security, server.user, server.password, box.folder]
    if box.oauth:
        # A new consent gives a new token.
        token = read_token(session, box.name, timedelta(0))
        parts += [repr(box.oauth), str(token.version if token else 0)]
    return services.policy.keys.mark("\0".join(parts))


def poll_to_the_end(services: Services, name: str, *, at_once: bool = False) -> Polled:
    """Poll until nothing is left, however long that takes in all."""
    polled = poll_mailbox(services, name, at_once=at_once)
    while polled.more:
        polled = polled.plus(poll_mailbox(services, name))
    return polled


def _poll(lease: MailboxLease, polled: Polled) -> int | None:
    """Poll the mailbox on one connection; returns what `_take_new` does, or None where the server failed."""
    try:
        with open_mailbox(lease.server, lease.connection_seconds) as mailbox:
            place = lease.place(mailbox.select(lease.box.folder))
            polled.opened = Opening(mailbox.certificate_ends_at)
            polled.trouble = _finish_on_server(lease, mailbox, place)
            return _take_new(lease, mailbox, place, polled)
    except (TemporaryFailure, PermanentFailure) as failure:
        logger.warning("Mailbox %s was not polled to the end: %s", lease.box.name, failure)
        polled.trouble = str(failure)
        polled.pause = failure.seconds if isinstance(failure, ServerBusy) else None
        polled.refused = isinstance(failure, PermanentFailure) and polled.opened is None
        polled.unreachable = not (polled.refused or polled.opened or polled.pause)
        return None


def _take_new(lease: MailboxLease, mailbox: Mailbox, place: Place, polled: Polled) -> int | None:
    """Look for new mails and store them, again and again until a look finds nothing: more may come meanwhile.

    Returns the version of the mailbox's row (`version_of`) from before a last look that found nothing, else None.
    """
    while True:
        with transaction(lease.engine) as session:
            version = version_of(session, lease.mailbox_id)
        selection, already_stored = select_new(lease, mailbox, place), polled.stored
        polled.left_alone += selection.left_alone
        try:
            _store_and_finish(lease, mailbox, place, selection.uids, polled)
        except LeaseLost:
            polled.trouble = TAKEN_OVER
            return None
        if polled.more or polled.stored == already_stored:
            return None if selection.uids else version


def _store_and_finish(lease: MailboxLease, mailbox: Mailbox, place: Place, uids: Sequence[int], polled: Polled) -> None:
    """Store mails chunk by chunk and finish each chunk on the server, until the poll's time is up."""
    for chunk in chunked(fetch(lease, mailbox, place, uids)):
        polled.count(chunk, store_chunk(lease, chunk))
        _log_left_out(lease, chunk)
        try:
            polled.trouble = _finish_on_server(lease, mailbox, place)
        finally:
            # Not earlier: a claim passes over rows that are locked, as those are that become done on the server.
            lease.after_chunk()
        if lease.is_time_up:
            polled.more = True
            return


def _log_left_out(lease: MailboxLease, chunk: Sequence[FetchResult]) -> None:
    for mail in chunk:
        if isinstance(mail, Unfetched):
            logger.error("UID %s of %s could not be fetched: %s", mail.uid, lease.box.name, mail.error)
        elif isinstance(mail, Oversized):
            logger.warning("UID %s of %s is too large, with %s bytes", mail.uid, lease.box.name, mail.size)


def _finish_on_server(lease: MailboxLease, mailbox: Mailbox, place: Place) -> str | None:
    """Flag or move what is stored, and record that it is done; a crash between the two is finished next time.

    A server that refuses keeps no mail out: its refusal is returned, and it is asked again with the next chunk.
    """
    with transaction(lease.engine) as session:
        undone = list_undone_on_server(session, place.mailbox_id, place.folder, place.uidvalidity)
    if not undone:
        return None
    box, uids = lease.box, [uid for _, uid in undone]
    try:
        if box.after is After.MOVE and box.move_to:
            mailbox.move(uids, box.move_to)
        if box.after is After.FLAG and not mailbox.flag(uids, FLAG):
            logger.info("The server of %s keeps no keywords, so mails are not flagged there", box.name)
    except (PermanentFailure, ServerBusy) as failure:
        logger.warning("Mailbox %s: %s", box.name, failure)
        return str(failure)
    with transaction(lease.engine) as session:
        set_done_on_server(session, [row for row, _ in undone])
    return None
