"""The clock of this process, and how far it is from the database's, by which all ages are told.

A time that decides something, or is stored, comes with a statement of the transaction (`models/db/clock.py`); `now` is
for what concerns this process alone.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

logger = logging.getLogger(__name__)

# Nothing here is decided by this process's clock; TLS, log lines and whoever compares the two are misled by more.
MOST_OFF = timedelta(minutes=1)
LOG_EVERY_SECONDS = 3600.0


def now() -> datetime:
    """The present moment by the clock of this process, aware and in UTC."""
    return datetime.now(UTC)


def clock_trouble(database: datetime) -> str:
    """How far this process's clock is from the database's, which shows this just now; empty up to MOST_OFF."""
    off = now() - database
    if abs(off) <= MOST_OFF:
        return ""
    amount, side = timedelta(seconds=round(abs(off).total_seconds())), "ahead of" if off > timedelta(0) else "behind"
    return (
        f"The clock of this machine is {amount} {side} the database's, by which all ages are told;"
        " set both by the same time server."
    )


@dataclass(slots=True)
class ClockLog:
    """Says in the log that the clock is wrong, once an hour; `logged_at` is monotonic."""

    logged_at: float | None = None

    def compare(self, database: datetime | None) -> None:
        """Compare this process's clock with what the database's shows just now; None says nothing."""
        trouble = clock_trouble(database) if database else ""
        if trouble and (self.logged_at is None or time.monotonic() - self.logged_at >= LOG_EVERY_SECONDS):
            self.logged_at = time.monotonic()
            logger.warning("%s", trouble)


CLOCK_LOG = ClockLog()
