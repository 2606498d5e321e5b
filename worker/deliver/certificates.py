"""The certificates of the outgoing servers, looked at once a day, as mails may leave seldom."""

import logging
import time
from dataclasses import replace
from typing import Final

from mail.failures import PermanentFailure, TemporaryFailure
from mail.server import Security
from mail.smtp.connection import SmtpServer, read_certificate_end
from models.reports.health.certificates import keep_certificate, unseen_servers
from worker.deliver.servers import accounts
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# One server answers within this, or tomorrow; in all no server is asked later than this.
STEP_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 60.0


def look_at_certificates(services: Services) -> None:
    """Ask the outgoing servers for their certificates, without a login, where nobody did so today."""
    servers = {str(one.server): one.server for one in accounts(services) if one.server.security is not Security.PLAIN}
    if not servers:
        return
    with transaction(services.engine) as session:
        unseen = unseen_servers(session, list(servers))
    ends = time.monotonic() + LOOK_SECONDS
    for name in unseen:
        if time.monotonic() > ends:
            return
        _look(services, servers[name])


def _look(services: Services, server: SmtpServer) -> None:
    shown = None
    try:
        shown = read_certificate_end(replace(server, timeout=min(STEP_SECONDS, server.timeout)), services.domain)
    except (TemporaryFailure, PermanentFailure) as failure:
        # Mails that it does not take are told of by the outbox.
        logger.warning("The certificate of an outgoing server could not be seen: %s", failure)
    with transaction(services.engine) as session:
        keep_certificate(session, str(server), shown)
