"""What follows when the outgoing server refuses us and not a mail: the mail waits, and the admins are told once."""

import logging
from datetime import timedelta

from sqlalchemy import Engine

from desk.notices.events import Alert, AlertKey
from mail.outbound.catalogue import said
from models.db.claims import Claimed
from models.events.rows import add_alert
from models.outbox.undelivered import wait_for_server
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# Such a fault lasts until a person mends it, or a day's limit ends.
PAUSE = timedelta(hours=1)
TITLE = said("admins.refused_title")
ADVICE = said("admins.refused_advice")


def let_wait(engine: Engine, claimed: Claimed, row: int, failure: Exception) -> bool:
    """Let a mail wait for PAUSE, with an alert where no other waits for that; False where it is no longer ours."""
    with transaction(engine) as session:
        is_first = wait_for_server(session, claimed, row, str(failure), PAUSE)
        if is_first:
            sentence = said("admins.refused", failure=str(failure))
            add_alert(session, Alert(AlertKey.REFUSED, TITLE, sentence, ADVICE))
    if is_first:
        # The alert itself may have no other way than that server.
        logger.error("The outgoing server refuses us, so mails wait; `supportdesk outbox list` shows its answer")
    return is_first is not None
