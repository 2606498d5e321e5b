"""Which mails of a folder are ours to take: at first sight, afterwards, and when the server has numbered them anew."""

import logging
from dataclasses import dataclass

from mail.imap.mailbox import Mailbox
from models.ledger.folders import (
    FolderState,
    Place,
    drop_baseline,
    known_uids,
    left_alone_since,
    read_folder_state,
    set_aside,
    set_baseline,
    set_complete,
    was_seen,
)
from models.ledger.mailboxes import set_stuck
from worker.poll.lease import MailboxLease
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which mails to fetch: UIDs oldest first, and how many mails were left alone at first sight."""

    uids: list[int]
    left_alone: int = 0


def select_new(lease: MailboxLease, mailbox: Mailbox, place: Place) -> Selection:
    """The mails of the folder that are ours and that the ledger does not have."""
    with transaction(lease.engine) as session:
        sight = read_folder_state(session, place)
        if sight and sight.baseline and lease.box.from_start:
            # What the first sight left alone is wanted after all.
            drop_baseline(session, place)
            sight = FolderState(0, sight.mark, gaps=True)
        seen = sight is not None or was_seen(session, lease.mailbox_id, lease.box.folder)
    if sight:
        return Selection(_not_in_ledger(lease, mailbox, place, sight))
    return _after_renumbering(lease, mailbox, place) if seen else _at_first_sight(lease, mailbox, place)


def _not_in_ledger(lease: MailboxLease, mailbox: Mailbox, place: Place, sight: FolderState) -> list[int]:
    if not sight.gaps:
        return mailbox.uids_after(sight.mark)
    uids = mailbox.uids_after(sight.baseline)
    with transaction(lease.engine) as session:
        known = known_uids(session, place)
        missing = [uid for uid in uids if uid not in known]
        if all(uid > sight.mark for uid in missing):
            set_complete(session, place)
    return missing


def _at_first_sight(lease: MailboxLease, mailbox: Mailbox, place: Place) -> Selection:
    uids = mailbox.all_uids()
    wanted = uids if lease.box.from_start else []
    left_alone = len(uids) - len(wanted)
    baseline = uids[-1] if left_alone else 0
    with transaction(lease.engine) as session:
        set_baseline(session, place, baseline)
    if left_alone:
        message = "%s: %s older mails were left alone; from_start (or poll --from-start) takes them"
        logger.warning(message, lease.box.name, left_alone)
    return Selection(wanted, left_alone)


def _after_renumbering(lease: MailboxLease, mailbox: Mailbox, place: Place) -> Selection:
    """Take every mail that may be ours under its new number; the twin rule of intake knows those that we have.

    There is no new baseline at the newest mail: what arrived while we were away lies below it. Mails that were left
    alone at first sight are known by the server's own date (INTERNALDATE, which copying and restoring a folder
    keep): they arrived before that first sight. A server that dates them anew makes them look new; then they are
    taken, since a ticket too many is seen and a mail lost is not.
    """
    logger.warning("%s: the server has numbered folder %s anew (UIDVALIDITY)", lease.box.name, lease.box.folder)
    uids = mailbox.all_uids()
    with transaction(lease.engine) as session:
        since = None if lease.box.from_start else left_alone_since(session, lease.mailbox_id, lease.box.folder)
    left_alone = set[int]()
    if since:
        left_alone = {uid for uid, internal_date in mailbox.dates(uids).items() if internal_date <= since}
    # Nearly always they have the lowest numbers, so that one row says it of them all.
    run = next((index for index, uid in enumerate(uids) if uid not in left_alone), len(uids))
    baseline = uids[run - 1] if run else 0
    with transaction(lease.engine) as session:
        set_baseline(session, place, baseline, gaps=True)
        set_aside(session, place, sorted(uid for uid in left_alone if uid > baseline))
        # What broke a fetch has another number by now.
        set_stuck(session, lease.mailbox_id, lease.token, None)
    return Selection([uid for uid in uids if uid not in left_alone])
