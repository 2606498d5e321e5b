"""Fetching so that a mail at which the connection breaks again and again does not keep the others out."""

import logging
from collections.abc import Iterator, Sequence

from mail.failures import ServerBusy, TemporaryFailure
from mail.imap.batches import UIDS_A_COMMAND, batches
from mail.imap.mailbox import FetchResult, Mailbox, Unfetched
from models.ledger.folders import Place
from models.ledger.mailboxes import read_stuck, set_stuck
from worker.poll.lease import MailboxLease
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

MOST_TIMES = 3


def fetch(lease: MailboxLease, mailbox: Mailbox, place: Place, uids: Sequence[int]) -> Iterator[FetchResult]:
    """Fetch mails, and record at which of them the connection breaks.

    After a break the mails are fetched one by one, so that the next break shows at which. Only a mail that was fetched
    alone is charged. One that breaks the connection three times in a row comes back as unfetched, and the next poll
    goes on with the rest. A server that speaks of itself charges no mail; one that also speaks so of a mail that it
    cannot read charges it only where it hands over another mail on the same connection.
    """
    with transaction(lease.engine) as session:
        stuck = read_stuck(session, lease.mailbox_id)
    if stuck and stuck[0] in uids and stuck[1] >= MOST_TIMES - 1:
        others = [uid for uid in uids if uid != stuck[0]]
        yield from _fetch_a_last_time(lease, mailbox, place, stuck, others)
        uids = others
    alone = uids[:UIDS_A_COMMAND] if stuck else []
    for piece in (*([uid] for uid in alone), *batches(uids[len(alone) :])):
        try:
            yield from mailbox.fetch(piece, lease.bounds)
        except TemporaryFailure as failure:
            if _is_of_server_alone(failure):
                raise
            times = stuck[1] if stuck and stuck[0] == piece[0] else 0
            _record_stuck(lease, piece[0], times + (len(piece) == 1))
            raise
    if stuck:
        _record_stuck(lease, None)


def _fetch_a_last_time(
    lease: MailboxLease, mailbox: Mailbox, place: Place, stuck: tuple[int, int], others: Sequence[int]
) -> Iterator[FetchResult]:
    """Fetch a mail once more, after another one on the same connection: then a break is not the server's fault."""
    uid, times = stuck
    # Each time it is another one, since that may have the same trouble; what it brings is for a later chunk.
    another = [others[times % len(others)]] if others else []
    try:
        handed_over = sum(1 for _ in mailbox.fetch(another, lease.bounds))
    except TemporaryFailure as failure:
        if not _is_of_server_alone(failure):
            _record_stuck(lease, uid, times + 1)
        raise
    try:
        yield from mailbox.fetch([uid], lease.bounds)
    except TemporaryFailure as failure:
        if _is_of_server_alone(failure) or (isinstance(failure, ServerBusy) and not handed_over):
            raise
        _record_stuck(lease, None)
        yield Unfetched(place.folder, place.uidvalidity, uid, _why(failure))
        raise


def _why(failure: TemporaryFailure) -> str:
    broke = "the connection broke each time that it was fetched"
    return str(failure) if isinstance(failure, ServerBusy) else broke


def _is_of_server_alone(failure: TemporaryFailure) -> bool:
    """True where the server spoke of itself, so that the mail that was asked for has nothing to do with it."""
    return isinstance(failure, ServerBusy) and not failure.maybe_the_mail


def _record_stuck(lease: MailboxLease, uid: int | None, times: int = 0) -> None:
    if uid is not None:
        logger.warning("%s: the connection broke at UID %s", lease.box.name, uid)
    with transaction(lease.engine) as session:
        set_stuck(session, lease.mailbox_id, lease.token, uid, times)
