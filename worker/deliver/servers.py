"""Which server takes a mail: that of its mailbox where it names one, else that of the desk."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mail.smtp import SmtpServer
from models.db.claims import Claimed
from models.outbox.servers import mailboxes_of, put_off
from worker.runtime.services import Services, smtp_server
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# The mails of a server that cannot be reached wait so long, while those of the others go.
PAUSE: Final = timedelta(minutes=1)


def by_server(services: Services, claimed: Claimed) -> list[tuple[SmtpServer, Claimed]]:
    """A claimed batch divided by the servers that take its mails; undivided where no mailbox names its own."""
    usual = smtp_server(services.settings.smtp, services.limits)
    own = {box.name: smtp_server(box.smtp, services.limits) for box in services.settings.mailbox if box.smtp}
    if not own:
        return [(usual, claimed)]
    with transaction(services.engine) as session:
        mailboxes = mailboxes_of(session, claimed)
    parts: dict[SmtpServer, list[int]] = {}
    for row in claimed.ids:
        parts.setdefault(own.get(mailboxes.get(row, ""), usual), []).append(row)
    return [(server, replace(claimed, ids=tuple(rows))) for server, rows in parts.items()]


def let_others_go(services: Services, claimed: Claimed, failure: str) -> None:
    """Put off the mails of a server that cannot be reached, where the desk has other servers."""
    with transaction(services.engine) as session:
        put_off(session, claimed, failure, PAUSE)
    logger.warning("The mails of one server wait for a minute: %s", failure)
