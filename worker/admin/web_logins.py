"""Once a day: the web application's sessions and one-time tokens that ended a day ago are deleted, in short turns."""

import logging
import time
from typing import Final

from sqlalchemy import Engine

from models.db.clock import read_now
from models.removal.web_logins import WebLogin, purge
from models.reports.report_runs import read_figures, start_run, store_figures
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

NAME: Final = "web_logins"
# The mark of a table that was walked to its end today.
OVER: Final = -1


def purge_for(services: Services, seconds: float) -> bool:
    """Purge for about so many seconds; whether there is more. What was done today (UTC) is not done again."""
    ends = time.monotonic() + seconds
    while _one_batch(services.engine):
        if time.monotonic() > ends:
            return True
    return False


def _one_batch(engine: Engine) -> bool:
    """Go on with the walk of today; whether it is not over."""
    with transaction(engine, quiet=True) as session:
        day = read_now(session).replace(hour=0, minute=0, second=0, microsecond=0)
        start_run(session, NAME, day)
        marks = read_figures(session, NAME, day)
        login = next((one for one in WebLogin if marks.get(one) != OVER), None)
        if login is None:
            return False
        purged = purge(session, login, marks.get(login, 0))
        store_figures(session, NAME, day, {**marks, login: OVER if purged.is_last else purged.reached})
    if purged.gone:
        logger.info("Of the web application's table %s, %d rows that had ended were deleted", login, purged.gone)
    return True
