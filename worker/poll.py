"""Polling: new mails of one mailbox into the ledger, raw bytes first."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.failures import PermanentFailure, TemporaryFailure
from mail.identity import peek
from mail.imap import Fetched, Mailbox, Unfetched, open_mailbox
from models.ledger import (
    Storing,
    Stub,
    mark,
    set_baseline,
    set_done_on_server,
    store,
    store_stub,
    undone_on_server,
)
from models.mailboxes import end_lease, ensure_mailbox, renew_lease, take_lease
from models.trouble import is_infrastructure
from worker.office import Office, imap_server
from worker.settings_kinds import After
from worker.settings_sections import LimitsSettings, MailboxSettings
from worker.transaction import transaction

logger = logging.getLogger(__name__)

CHUNK = 50
FLAG = "$SupportDesk"


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll did: new mails stored, mails that the ledger had, and UIDs that could not be fetched."""

    stored: int = 0
    known: int = 0
    unfetched: tuple[Unfetched, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Watch:
    """A mailbox under our lease."""

    engine: Engine
    box: MailboxSettings
    limits: LimitsSettings
    mailbox_id: int
    token: UUID
    after_chunk: Callable[[], None]

    @property
    def lease(self) -> timedelta:
        """How long the mailbox stays ours; renewed with each chunk."""
        return timedelta(seconds=self.limits.poll_lease_seconds)


def poll_mailbox(office: Office, name: str, after_chunk: Callable[[], None] = lambda: None) -> Polled:
    """Take the new mails of one mailbox into the ledger.

    1. Take the mailbox's lease; where another poller has it, do nothing.
    2. Finish on the server what an earlier poll stored but did not flag or move.
    3. Fetch by UID above the ledger's mark, and commit each chunk's raw bytes.
    4. Only then flag or move on the server, and record that it is done.
    """
    box = office.mailbox(name)
    with transaction(office.engine) as session:
        mailbox_id = ensure_mailbox(session, box.name, box.address)
        token = take_lease(session, mailbox_id, timedelta(seconds=office.limits.poll_lease_seconds))
    if token is None:
        return Polled(trouble="another poller has the mailbox")
    polled = _poll(_Watch(office.engine, box, office.limits, mailbox_id, token, after_chunk))
    with transaction(office.engine) as session:
        end_lease(session, mailbox_id, token, polled.trouble)
    return polled


def _poll(watch: _Watch) -> Polled:
    try:
        with open_mailbox(imap_server(watch.box, watch.limits)) as mailbox:
            return _take(watch, mailbox)
    except (TemporaryFailure, PermanentFailure) as failure:
        logger.warning("Mailbox %s was not polled to the end: %s", watch.box.name, failure)
        return Polled(trouble=str(failure))


def _take(watch: _Watch, mailbox: Mailbox) -> Polled:
    uidvalidity = mailbox.select(watch.box.folder)
    _finish_on_server(watch, mailbox, uidvalidity)
    start = _start(watch, mailbox, uidvalidity)
    stored = known = 0
    unfetched: list[Unfetched] = []
    for chunk in _chunks(mailbox.fetch_after(start)):
        unfetched += [mail for mail in chunk if isinstance(mail, Unfetched)]
        new = _store_chunk(watch, chunk)
        if new is None:
            return Polled(stored, known, tuple(unfetched), "another poller took the mailbox over")
        stored, known = stored + new, known + len(chunk) - new
        watch.after_chunk()
        _finish_on_server(watch, mailbox, uidvalidity)
    for one in unfetched:
        logger.error("UID %s of %s could not be fetched: %s", one.uid, watch.box.name, one.error)
    return Polled(stored, known, tuple(unfetched))


def _start(watch: _Watch, mailbox: Mailbox, uidvalidity: int) -> int:
    box = watch.box
    with transaction(watch.engine) as session:
        known = mark(session, watch.mailbox_id, box.folder, uidvalidity)
    if known is not None:
        return known
    baseline = 0 if box.from_start else mailbox.highest_uid()
    with transaction(watch.engine) as session:
        set_baseline(session, watch.mailbox_id, box.folder, uidvalidity, baseline)
    return baseline


def _chunks(mails: Iterator[Fetched | Unfetched]) -> Iterator[list[Fetched | Unfetched]]:
    chunk: list[Fetched | Unfetched] = []
    for mail in mails:
        chunk.append(mail)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _store_chunk(watch: _Watch, chunk: list[Fetched | Unfetched]) -> int | None:
    """Commit a chunk's raw bytes; how many rows are new, None where the lease is lost."""
    try:
        return _store(watch, chunk)
    except SQLAlchemyError as error:
        if is_infrastructure(error):
            raise
    # One mail that cannot be stored must not keep its neighbours out.
    counts = [_store_alone(watch, mail) for mail in chunk]
    return None if None in counts else sum(count or 0 for count in counts)


def _store(watch: _Watch, chunk: list[Fetched | Unfetched]) -> int | None:
    with transaction(watch.engine) as session:
        if not renew_lease(session, watch.mailbox_id, watch.token, watch.lease):
            return None
        rows = [
            store(session, _storing(watch, mail))
            if isinstance(mail, Fetched)
            else store_stub(session, _stub(watch, mail))
            for mail in chunk
        ]
    return sum(row is not None for row in rows)


def _store_alone(watch: _Watch, mail: Fetched | Unfetched) -> int | None:
    try:
        return _store(watch, [mail])
    except SQLAlchemyError as error:
        if is_infrastructure(error) or isinstance(mail, Unfetched):
            raise
        logger.exception("UID %s of %s could not be stored", mail.uid, watch.box.name)
        unstored = Unfetched(mail.folder, mail.uidvalidity, mail.uid, f"it could not be stored: {type(error).__name__}")
        return _store(watch, [unstored])


def _stub(watch: _Watch, mail: Unfetched) -> Stub:
    return Stub(watch.mailbox_id, mail.folder, mail.uidvalidity, mail.uid, mail.error)


def _storing(watch: _Watch, mail: Fetched) -> Storing:
    seen = peek(mail.raw)
    return Storing(
        mailbox_id=watch.mailbox_id,
        folder=mail.folder,
        uidvalidity=mail.uidvalidity,
        uid=mail.uid,
        internal_date=mail.internaldate,
        message_id=seen.message_id,
        refers=seen.refers,
        fingerprint=seen.fingerprint,
        raw=mail.raw,
    )


def _finish_on_server(watch: _Watch, mailbox: Mailbox, uidvalidity: int) -> None:
    """Flag or move what is stored, and record that it is done; a crash between the two is finished next time."""
    with transaction(watch.engine) as session:
        undone = undone_on_server(session, watch.mailbox_id, watch.box.folder, uidvalidity)
    if not undone:
        return
    _leave_mark(watch.box, mailbox, [uid for _, uid in undone])
    with transaction(watch.engine) as session:
        set_done_on_server(session, [row for row, _ in undone])


def _leave_mark(box: MailboxSettings, mailbox: Mailbox, uids: list[int]) -> None:
    if box.after is After.MOVE and box.move_to:
        mailbox.move(uids, box.move_to)
    if box.after is After.FLAG and not mailbox.flag(uids, FLAG):
        logger.info("The server of %s keeps no keywords, so mails are not flagged there", box.name)
