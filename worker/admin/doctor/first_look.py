"""The last look at an installation before a worker or a beat begins."""

import logging
import os
import sys

from models.outbox.signing_keys import accept_first_key
from worker.admin.doctor.run import NEEDED, clock, keys, look_over
from worker.runtime.services import open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

logger = logging.getLogger(__name__)


def look() -> None:
    """Say what is missing that no waiting would mend, and exit with status 2; return where nothing is."""
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
