"""What follows when the outgoing server refuses us and not a mail: the mail waits, and the admins are told once."""

import logging
from datetime import timedelta

from sqlalchemy import Engine

from desk.notices.events import Alert
from models.db.claims import Claimed
from models.events.rows import add_alert
from models.outbox.undelivered import wait_for_server
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# Such a fault lasts until a person mends it, or a day's limit ends.
PAUSE = timedelta(hours=1)
TITLE = "The outgoing server refuses our mail"
ADVICE = (
    "Mend the account or its limits at the provider, or change [smtp]. Each mail is tried again every hour; "
    "`supportdesk outbox retry --all` sends them at once, and `supportdesk outbox list` shows them."
)


def let_wait(engine: Engine, claimed: Claimed, row: int, failure: Exception) -> bool:
    """Let a mail wait for PAUSE, with an alert where no other waits for that; False where it is no longer ours."""
    with transaction(engine) as session:
        is_first = wait_for_server(session, claimed, row, str(failure), PAUSE)
        if is_first:
            add_alert(session, Alert(TITLE, f"No mail is lost: they wait. The server said: {failure}", ADVICE))
    if is_first:
        # The alert itself may have no other way than that server.
        logger.error("The outgoing server refuses us, so mails wait; `supportdesk outbox list` shows its answer")
    return is_first is not None
