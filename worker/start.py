"""What happens when a worker or a beat starts: the log, and a last look before work begins."""

import logging
import os
import sys
from typing import Any

from celery.signals import beat_init, celeryd_init, setup_logging

from models.outbox.signing_keys import accept_first_key
from worker.admin.doctor import NEEDED, clock, keys, look_over
from worker.runtime.logs import configure_logs
from worker.runtime.services import open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

logger = logging.getLogger(__name__)


@setup_logging.connect
def log(**_: Any) -> None:
    """Configure the log; Celery configures none where this signal has a receiver."""
    configure_logs()


@celeryd_init.connect
@beat_init.connect
def refuse_to_start(**_: Any) -> None:
    """End with a sentence and exit status 2 where something is missing that no waiting would mend."""
    services = open_services(load_settings(None, os.environ), application_name="supportdesk start")
    troubles = [finding.trouble for finding in look_over(services, NEEDED) if finding.trouble]
    if not troubles:
        with transaction(services.engine, quiet=True) as session:
            accept_first_key(session, services.policy.keys.fingerprints[0])
        troubles = [finding.trouble for finding in look_over(services, (keys,)) if finding.trouble]
    for finding in look_over(services, (clock,)):
        # All ages are the database's, so a wrong clock here is no reason not to begin.
        if finding.trouble:
            logger.warning("%s", finding.trouble)
    services.engine.dispose()
    if troubles:
        print("\n".join(troubles), file=sys.stderr)  # noqa: T201  the process ends here
        raise SystemExit(2)
