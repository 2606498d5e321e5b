"""Fetching so that a mail at which the connection breaks again and again does not keep the others out."""

import logging
from collections.abc import Iterator, Sequence

from mail.failures import TemporaryFailure
from mail.imap import Brought, Mailbox, Unfetched
from mail.imap_chunks import UIDS_A_COMMAND, batches
from models.folders import Place
from models.mailboxes import read_stuck, set_stuck
from worker.poll_store import Watch
from worker.transaction import transaction

logger = logging.getLogger(__name__)

MOST_TIMES = 3


def fetch(watch: Watch, mailbox: Mailbox, place: Place, uids: Sequence[int]) -> Iterator[Brought]:
    """Bring mails; where the connection breaks, remember at which of them.

    After a break the mails are fetched one by one, so that the next break has one name. Only a mail that was fetched
    alone is charged. One that breaks the connection three times in a row comes back as unfetched, and the next poll
    goes on with the rest.
    """
    with transaction(watch.engine) as session:
        stuck = read_stuck(session, watch.mailbox_id)
    if stuck and stuck[0] in uids and stuck[1] >= MOST_TIMES - 1:
        yield from _last_time(watch, mailbox, place, uids, stuck)
        uids = [uid for uid in uids if uid != stuck[0]]
    for piece in _pieces(uids, careful=stuck is not None):
        try:
            yield from mailbox.fetch(piece, watch.bounds)
        except TemporaryFailure:
            before = stuck[1] if stuck and stuck[0] == piece[0] else 0
            _remember(watch, piece[0], before + (len(piece) == 1))
            raise
    if stuck:
        _remember(watch, None)


def _pieces(uids: Sequence[int], *, careful: bool) -> Iterator[list[int]]:
    alone = len(uids[:UIDS_A_COMMAND]) if careful else 0
    yield from ([uid] for uid in uids[:alone])
    yield from batches(uids[alone:])


def _last_time(
    watch: Watch, mailbox: Mailbox, place: Place, uids: Sequence[int], stuck: tuple[int, int]
) -> Iterator[Brought]:
    """Fetch a mail once more, after another one on the same connection: then a break is not the server's fault."""
    uid, times = stuck
    try:
        _fetch_another(watch, mailbox, [other for other in uids if other != uid], times)
    except TemporaryFailure:
        _remember(watch, uid, times + 1)
        raise
    try:
        yield from mailbox.fetch([uid], watch.bounds)
    except TemporaryFailure:
        _remember(watch, None)
        yield Unfetched(place.folder, place.uidvalidity, uid, "the connection broke each time that it was fetched")
        raise


def _fetch_another(watch: Watch, mailbox: Mailbox, others: Sequence[int], times: int) -> None:
    # Each time it is another one, since that may have the same trouble; what it brings is for a later chunk.
    another = [others[times % len(others)]] if others else []
    for _ in mailbox.fetch(another, watch.bounds):
        pass


def _remember(watch: Watch, uid: int | None, times: int = 0) -> None:
    if uid is not None:
        logger.warning("%s: the connection broke at UID %s", watch.box.name, uid)
    with transaction(watch.engine) as session:
        set_stuck(session, watch.mailbox_id, watch.token, uid, times)
