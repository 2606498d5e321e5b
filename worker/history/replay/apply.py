"""Today's reading written over what was stored of a mail, where that is safe and nobody changed it meanwhile."""

import logging
from enum import StrEnum

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.ledger.dropped import restore
from models.reports.history.decided import lock_decided
from models.reports.history.rereading import (
    mark_files,
    rewrite_comment,
    rewrite_description,
    rewrite_note,
    rewrite_reading,
)
from worker.history.replay.compare import TEXTS, Replayed, What
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)


class Applied(StrEnum):
    """What became of a difference that was to be written."""

    WRITTEN = "written"
    AGAIN = "again"
    CHANGED = "changed"


def apply(engine: Engine, replayed: Replayed) -> Applied:
    """Write what is safe of one mail, in a transaction of its own that makes no events; or let it be decided again.

    Nothing is written where anything stored of the mail is not what it was when it was compared.
    """
    row = replayed.stored.row
    with transaction(engine, quiet=True) as session:
        if lock_decided(session, row) != replayed.stored:
            return Applied.CHANGED
        if replayed.restores:
            restore(session, [row])
        else:
            _write(session, replayed)
    logger.info("Ledger row %s %s", row, "is decided again" if replayed.restores else "was read again")
    return Applied.AGAIN if replayed.restores else Applied.WRITTEN


def _write(session: Session, replayed: Replayed) -> None:
    stored, mail = replayed.stored, replayed.mail
    safe = {one.what: one for one in replayed.differences if one.safe}
    if (one := safe.get(What.COMMENT)) and stored.comment_id:
        rewrite_comment(session, stored.comment_id, one.would)
    if (one := safe.get(What.DESCRIPTION)) and stored.ticket:
        rewrite_description(session, stored.ticket, one.would)
    if one := safe.get(What.NOTE):
        rewrite_note(session, stored.row, one.would)
    if mail is not None and safe.keys() & {*TEXTS, What.HTML}:
        rewrite_reading(session, stored.row, mail, replayed.more)
    if mail is not None and (one := safe.get(What.SIGNATURE_FILES)):
        marked = {place for place, file in enumerate(mail.attachments) if file.of_signature}
        was = {int(place) for place in one.was.split(", ") if place}
        mark_files(session, stored.row, marked, marked ^ was)
