"""Putting what a poll brought into the ledger: chunk by chunk, each committed under the mailbox's lease."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.failures import TemporaryFailure
from mail.imap.batches import Bounds
from mail.imap.mailbox import Brought, Fetched, Oversized, Unfetched
from mail.mime.message_ids import peek
from models.db.errors import is_infrastructure
from models.ledger.folders import Place
from models.ledger.mailboxes import renew_lease
from models.ledger.rows import Storing, Stub, store, store_stub
from worker.settings_sections import LimitsSettings, MailboxSettings
from worker.transaction import transaction

logger = logging.getLogger(__name__)

CHUNK = 50
CHUNK_BYTES = 8 * 1024 * 1024

MEGABYTE = 1024 * 1024
# The connection is cut before the lease ends, so that nobody else finds the mailbox free while it is worked.
OF_THE_LEASE = 0.9


@dataclass(frozen=True, slots=True)
class Watch:
    """A mailbox under our lease."""

    engine: Engine
    box: MailboxSettings
    limits: LimitsSettings
    mailbox_id: int
    token: UUID
    after_chunk: Callable[[], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def duration(self) -> timedelta:
        """How long the mailbox stays ours; renewed with each chunk."""
        return timedelta(seconds=self.limits.poll_lease_seconds)

    @property
    def seconds(self) -> float:
        """After how many seconds the connection is cut, whatever is going on."""
        return OF_THE_LEASE * self.limits.poll_lease_seconds

    @property
    def is_over(self) -> bool:
        """Whether the poll has had its time, so that it should stop by itself and leave the rest to the next."""
        return time.monotonic() - self.began > self.seconds / 2

    @property
    def bounds(self) -> Bounds:
        """How much is fetched at once, and what is too large."""
        return Bounds(largest=self.limits.largest_mail_megabytes * MEGABYTE)

    def place(self, uidvalidity: int) -> Place:
        """The folder under a UIDVALIDITY."""
        return Place(self.mailbox_id, self.box.folder, uidvalidity)


def chunked(mails: Iterator[Brought]) -> Iterator[list[Brought]]:
    """Put mails together in chunks bounded by count and by bytes; where the connection breaks, what came is given."""
    chunk: list[Brought] = []
    size = 0
    try:
        for mail in mails:
            chunk.append(mail)
            size += len(mail.raw) if isinstance(mail, Fetched) else 0
            if len(chunk) >= CHUNK or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
    except TemporaryFailure:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


class LeaseLost(Exception):
    """The mailbox is another poller's by now: nothing was stored, and nothing more may be done."""


def store_chunk(lease: Watch, chunk: Sequence[Brought]) -> int:
    """Commit a chunk and renew the lease; how many rows are new.

    Raises LeaseLost, and SQLAlchemyError where the database itself is in trouble.
    """
    try:
        return _store(lease, chunk)
    except SQLAlchemyError as error:
        if is_infrastructure(error):
            raise
    # One mail that cannot be stored must not keep its neighbours out.
    return sum(_store_alone(lease, mail) for mail in chunk)


def _store(lease: Watch, chunk: Sequence[Brought]) -> int:
    with transaction(lease.engine) as session:
        if not renew_lease(session, lease.mailbox_id, lease.token, lease.duration):
            raise LeaseLost
        rows = [
            store_stub(session, Stub(lease.mailbox_id, mail.folder, mail.uidvalidity, mail.uid, mail.error))
            if isinstance(mail, Unfetched)
            else store(session, storing(lease, mail))
            for mail in chunk
        ]
    return sum(row is not None for row in rows)


def _store_alone(lease: Watch, mail: Brought) -> int:
    """Store one mail, or a row in quarantine without its bytes where the database refuses them."""
    try:
        return _store(lease, [mail])
    except SQLAlchemyError as error:
        if is_infrastructure(error) or isinstance(mail, Unfetched):
            raise
        logger.exception("UID %s of %s could not be stored", mail.uid, lease.box.name)
        unstored = Unfetched(mail.folder, mail.uidvalidity, mail.uid, f"it could not be stored: {type(error).__name__}")
        return _store(lease, [unstored])


def storing(lease: Watch, mail: Fetched | Oversized) -> Storing:
    """A mail from the server as a row of the ledger; of one that is too large, its headers only."""
    raw = mail.raw if isinstance(mail, Fetched) else mail.head
    seen = peek(raw)
    return Storing(
        mailbox_id=lease.mailbox_id,
        folder=mail.folder,
        uidvalidity=mail.uidvalidity,
        uid=mail.uid,
        internal_date=mail.internaldate,
        message_id=seen.message_id,
        refers=seen.refers,
        fingerprint=seen.fingerprint,
        raw=raw,
        partial_of=mail.size if isinstance(mail, Oversized) else None,
    )
