"""Storing what a poll fetched in the ledger: chunk by chunk, each committed under the mailbox's lease."""

import logging
from collections.abc import Iterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from mail.failures import TemporaryFailure
from mail.imap.mailbox import Fetched, FetchResult, Oversized, Unfetched
from mail.mime.message_ids import peek
from models.db.errors import is_infrastructure
from models.ledger.mailboxes import renew_lease
from models.ledger.rows import NewMail, Stub, store, store_stub
from worker.poll.lease import LeaseLost, MailboxLease
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

CHUNK = 50
CHUNK_BYTES = 8 * 1024 * 1024


def chunked(mails: Iterator[FetchResult]) -> Iterator[list[FetchResult]]:
    """Mails in chunks of up to CHUNK mails or about CHUNK_BYTES, also what came before the connection broke.

    A chunk is emptied when the next one is asked for, so that two large mails are not in memory at once.
    """
    chunk: list[FetchResult] = []
    size = 0
    try:
        for mail in mails:
            chunk.append(mail)
            size += len(mail.raw) if isinstance(mail, Fetched) else 0
            del mail
            if len(chunk) >= CHUNK or size >= CHUNK_BYTES:
                yield chunk
                chunk.clear()
                size = 0
    except TemporaryFailure:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def store_chunk(lease: MailboxLease, chunk: Sequence[FetchResult]) -> int:
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


def _store(lease: MailboxLease, chunk: Sequence[FetchResult]) -> int:
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


def _store_alone(lease: MailboxLease, mail: FetchResult) -> int:
    """Store one mail, or a row in quarantine without its bytes where the database refuses them."""
    try:
        return _store(lease, [mail])
    except SQLAlchemyError as error:
        if is_infrastructure(error) or isinstance(mail, Unfetched):
            raise
        logger.exception("UID %s of %s could not be stored", mail.uid, lease.box.name)
        unstored = Unfetched(mail.folder, mail.uidvalidity, mail.uid, f"it could not be stored: {type(error).__name__}")
        return _store(lease, [unstored])


def storing(lease: MailboxLease, mail: Fetched | Oversized) -> NewMail:
    """A mail from the server as a row of the ledger; of one that is too large, its headers only."""
    raw = mail.raw if isinstance(mail, Fetched) else mail.head
    seen = peek(raw)
    return NewMail(
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
