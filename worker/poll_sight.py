"""Which mails of a folder are ours to take: at first sight, afterwards, and when the server has numbered them anew."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mail.imap import Mailbox
from models.folders import (
    Place,
    Sight,
    drop_baseline,
    known_uids,
    left_alone_since,
    read_sight,
    set_aside,
    set_baseline,
    set_complete,
    was_seen,
)
from models.mailboxes import set_stuck
from worker.poll_store import Watch
from worker.transaction import transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """What there is to take: UIDs oldest first, and how many mails were left alone at first sight."""

    uids: list[int]
    left_alone: int = 0


def look(watch: Watch, mailbox: Mailbox, place: Place) -> Errand:
    """Find the mails that are ours and that the ledger does not have."""
    with transaction(watch.engine) as session:
        sight = read_sight(session, place)
        if sight and sight.baseline and watch.box.from_start:
            # What the first sight left alone is wanted after all.
            drop_baseline(session, place)
            sight = Sight(0, sight.mark, gaps=True)
        seen = sight is not None or was_seen(session, watch.mailbox_id, watch.box.folder)
    if sight:
        return Errand(_missing(watch, mailbox, place, sight))
    return _after_renumbering(watch, mailbox, place) if seen else _first(watch, mailbox, place)


def _missing(watch: Watch, mailbox: Mailbox, place: Place, sight: Sight) -> list[int]:
    if not sight.gaps:
        return mailbox.uids_after(sight.mark)
    uids = mailbox.uids_after(sight.baseline)
    with transaction(watch.engine) as session:
        known = known_uids(session, place)
        missing = [uid for uid in uids if uid not in known]
        if all(uid > sight.mark for uid in missing):
            set_complete(session, place)
    return missing


def _first(watch: Watch, mailbox: Mailbox, place: Place) -> Errand:
    there = mailbox.all_uids()
    ours = there if watch.box.from_start else []
    left_alone = len(there) - len(ours)
    baseline = there[-1] if left_alone else 0
    with transaction(watch.engine) as session:
        set_baseline(session, place, baseline)
    if left_alone:
        message = "%s: %s older mails were left alone; from_start (or poll --from-start) takes them"
        logger.warning(message, watch.box.name, left_alone)
    return Errand(ours, left_alone)


def _after_renumbering(watch: Watch, mailbox: Mailbox, place: Place) -> Errand:
    """Take every mail that may be ours under its new number; the twin rule of intake knows those that we have.

    There is no new baseline at the newest mail: what arrived while we were away lies below it. Mails that were left
    alone at first sight are known by the server's own date (INTERNALDATE, which copying and restoring a folder
    keep): they arrived before that first sight. A server that dates them anew makes them look new; then they are
    taken, since a ticket too many is seen and a mail lost is not.
    """
    logger.warning("%s: the server has numbered folder %s anew (UIDVALIDITY)", watch.box.name, watch.box.folder)
    uids = mailbox.all_uids()
    with transaction(watch.engine) as session:
        since = None if watch.box.from_start else left_alone_since(session, watch.mailbox_id, watch.box.folder)
    theirs = _before(mailbox, uids, since)
    # Nearly always they have the lowest numbers, so that one row says it of them all.
    run = next((index for index, uid in enumerate(uids) if uid not in theirs), len(uids))
    baseline = uids[run - 1] if run else 0
    with transaction(watch.engine) as session:
        set_baseline(session, place, baseline, gaps=True)
        set_aside(session, place, sorted(uid for uid in theirs if uid > baseline))
        # What broke a fetch has another number by now.
        set_stuck(session, watch.mailbox_id, watch.token, None)
    return Errand([uid for uid in uids if uid not in theirs])


def _before(mailbox: Mailbox, uids: Sequence[int], since: datetime | None) -> set[int]:
    if since is None:
        return set()
    return {uid for uid, arrived in mailbox.dates(uids).items() if arrived <= since}
