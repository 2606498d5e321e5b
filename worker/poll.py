"""Polling: new mails of one mailbox into the ledger, raw bytes first."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap import Brought, Mailbox, Oversized, Unfetched, open_mailbox
from models.folders import Place
from models.ledger import set_done_on_server, undone_on_server
from models.mailboxes import end_lease, ensure_mailbox, take_lease, version_of
from worker import poll_stuck
from worker.office import Office, imap_server
from worker.poll_sight import Errand, look
from worker.poll_store import Watch, chunked, store_chunk
from worker.settings_kinds import After
from worker.settings_sections import MailboxSettings
from worker.transaction import transaction

logger = logging.getLogger(__name__)

FLAG = "$SupportDesk"
TAKEN_OVER = "another poller took the mailbox over"


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll did: new mails stored, mails that the ledger had, and UIDs that could not be fetched.

    `left_alone` counts mails from before the first sight of the folder. `more`: the poll stopped with mails left, or
    was asked for again after its last look.
    """

    stored: int = 0
    known: int = 0
    unfetched: tuple[Unfetched, ...] = ()
    trouble: str | None = None
    left_alone: int = 0
    more: bool = False

    def plus(self, later: "Polled") -> "Polled":
        """Add what a poll did that went on from here."""
        return replace(
            later,
            stored=self.stored + later.stored,
            known=self.known + later.known,
            unfetched=(*self.unfetched, *later.unfetched),
            left_alone=self.left_alone + later.left_alone,
        )


def poll_mailbox(office: Office, name: str, after_chunk: Callable[[], None] = lambda: None) -> Polled:
    """Take the new mails of one mailbox into the ledger.

    1. Take the mailbox's lease; where another poller has it, do nothing.
    2. Finish on the server what an earlier poll stored but did not flag or move.
    3. Fetch by UID what is ours and not in the ledger, and commit each chunk's raw bytes.
    4. Only then flag or move on the server, and record that it is done.
    5. Look again until there is nothing new. Who asked for the mailbox after that was refused, and is made up for.

    The connection is cut before the lease ends, so that a server which hangs or trickles holds nothing.
    """
    box = office.mailbox(name)
    with transaction(office.engine) as session:
        mailbox_id = ensure_mailbox(session, box.name, box.address)
        token = take_lease(session, mailbox_id, timedelta(seconds=office.limits.poll_lease_seconds))
    if token is None:
        return Polled(trouble="another poller has the mailbox")
    polled, version = _poll(Watch(office.engine, box, office.limits, mailbox_id, token, after_chunk))
    with transaction(office.engine) as session:
        asked = end_lease(session, mailbox_id, token, polled.trouble, version)
    return replace(polled, more=polled.more or asked)


def poll_to_the_end(office: Office, name: str) -> Polled:
    """Poll until nothing is left, however long that takes in all."""
    polled = poll_mailbox(office, name)
    while polled.more:
        polled = polled.plus(poll_mailbox(office, name))
    return polled


@dataclass(frozen=True, slots=True)
class _Round:
    """One poll at work: the mailbox under our lease, the connection, and what there is to take."""

    watch: Watch
    mailbox: Mailbox
    place: Place
    errand: Errand


def _poll(watch: Watch) -> tuple[Polled, int | None]:
    """What was done, and the version of the mailbox's row before a last look that found nothing."""
    done, version = Polled(), None
    try:
        with open_mailbox(imap_server(watch.box, watch.limits), watch.seconds) as mailbox:
            place = watch.place(mailbox.select(watch.box.folder))
            done = Polled(trouble=_finish_on_server(watch, mailbox, place))
            # Each step says what was done so far, which holds also where the next one fails.
            for so_far in _rounds(watch, mailbox, place, done):
                done, version = so_far
    except (TemporaryFailure, PermanentFailure) as failure:
        logger.warning("Mailbox %s was not polled to the end: %s", watch.box.name, failure)
        return replace(done, trouble=str(failure)), None
    return done, version


def _rounds(watch: Watch, mailbox: Mailbox, place: Place, done: Polled) -> Iterator[tuple[Polled, int | None]]:
    """Look and take, and again where that brought something: meanwhile there may have come more."""
    while True:
        with transaction(watch.engine) as session:
            version = version_of(session, watch.mailbox_id)
        errand, stored = look(watch, mailbox, place), done.stored
        done = replace(done, left_alone=done.left_alone + errand.left_alone)
        yield done, version if not errand.uids else None
        for so_far in _take(_Round(watch, mailbox, place, errand), done):
            done = so_far
            yield done, None
        if done.stored == stored or done.more or done.trouble == TAKEN_OVER:
            return


def _take(work: _Round, done: Polled) -> Iterator[Polled]:
    watch = work.watch
    mails = poll_stuck.fetch(watch, work.mailbox, work.place, work.errand.uids)
    for chunk in chunked(mails):
        new = store_chunk(watch, chunk)
        if new is None:
            yield replace(done, trouble=TAKEN_OVER)
            return
        done = _counted(watch, done, chunk, new)
        yield done
        try:
            done = replace(done, trouble=_finish_on_server(watch, work.mailbox, work.place))
        finally:
            # Not before: who claims rows passes over those that are being noted as done on the server.
            watch.after_chunk()
        if watch.is_over:
            yield replace(done, more=True)
            return
        yield done


def _counted(watch: Watch, done: Polled, chunk: Sequence[Brought], new: int) -> Polled:
    unfetched = tuple(mail for mail in chunk if isinstance(mail, Unfetched))
    for one in unfetched:
        logger.error("UID %s of %s could not be fetched: %s", one.uid, watch.box.name, one.error)
    for mail in chunk:
        if isinstance(mail, Oversized):
            logger.warning("UID %s of %s is too large, with %s bytes", mail.uid, watch.box.name, mail.size)
    known = done.known + len(chunk) - new
    return replace(done, stored=done.stored + new, known=known, unfetched=(*done.unfetched, *unfetched))


def _finish_on_server(watch: Watch, mailbox: Mailbox, place: Place) -> str | None:
    """Flag or move what is stored, and record that it is done; a crash between the two is finished next time.

    A server that refuses keeps no mail out: the refusal is said, and asked again with the next chunk.
    """
    with transaction(watch.engine) as session:
        undone = undone_on_server(session, place.mailbox_id, place.folder, place.uidvalidity)
    if not undone:
        return None
    try:
        _leave_mark(watch.box, mailbox, [uid for _, uid in undone])
    except PermanentFailure as failure:
        logger.warning("Mailbox %s: %s", watch.box.name, failure)
        return str(failure)
    with transaction(watch.engine) as session:
        set_done_on_server(session, [row for row, _ in undone])
    return None


def _leave_mark(box: MailboxSettings, mailbox: Mailbox, uids: list[int]) -> None:
    if box.after is After.MOVE and box.move_to:
        mailbox.move(uids, box.move_to)
    if box.after is After.FLAG and not mailbox.flag(uids, FLAG):
        logger.info("The server of %s keeps no keywords, so mails are not flagged there", box.name)
