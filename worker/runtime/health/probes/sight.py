"""One look at a time for whoever asks, kept a few seconds: however many ask, the database is asked as by one."""

import logging
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

import models
from desk.reports.health.findings import STOPS_THE_DESK
from mail.outbound.catalogue import in_english
from models.db.statement import only_read
from models.reports.fates import Counted, Mark, begin_reading, read_fates
from models.reports.health.gather import count_unsent, read_revision
from models.schema.versions import version_trouble
from worker.runtime.health.look import Look, look
from worker.runtime.health.probes.counters import Counters
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# What was seen is shown again for so long, and nobody waits longer for it than this. All in seconds.
KEPT_SECONDS = 3.0
WAIT_SECONDS = 5.0
STATEMENT_SECONDS = 4.0
# The SQLSTATEs of a table and of a schema that are not there.
NO_DESK = ("42P01", "3F000")
HANGS = "The database has not answered for {0:.0f} s."


def needed_revision() -> str:
    """The revision that this program needs, by the names of its migrations: to ask Alembic would take 13 MB."""
    versions = Path(next(iter(models.__path__))).parent / "migrations" / "versions"
    return max(file.name.partition("_")[0] for file in versions.glob("[0-9]*_*.py"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look has seen: the desk with its mails that wait unsent, and how many seconds it took to see.

    Without a `look` nobody can tell how the desk is, and `trouble` says why in a sentence.
    """

    look: Look | None = None
    unsent: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    trouble: str = ""

    def unready(self) -> list[str]:
        """Why the desk does not do its work, a few words each; none where it does, or where others follow from one.

        Whoever asks a probe may be a stranger, so the words of servers, which name people, are left to `status`.
        """
        if self.look is None:
            return [self.trouble]
        stopping = [one for one in self.look.problems if one.kind in STOPS_THE_DESK and not one.follows]
        return [f"{in_english(one.title)}. `supportdesk status` says more." for one in stopping]


@dataclass
class Sight:
    """Looks at the desk of these services, whose tables have to be at `revision`, and counts what became of mails.

    `kept` and `wait` are in seconds.
    """

    services: Services
    revision: str
    counters: Counters
    kept: float = KEPT_SECONDS
    wait: float = WAIT_SECONDS
    _lock: Lock = field(default_factory=Lock)
    _current: "Future[Seen] | None" = None
    _over_at: float = 0.0
    _marks: dict[Counted, Mark] = field(default_factory=dict)

    def see(self) -> Seen:
        """What was seen lately, or a new look, for which at most `wait` seconds are waited."""
        with self._lock:
            current = self._current
            if current is None or (current.done() and time.monotonic() - self._over_at > self.kept):
                current = self._current = Future()
                # Not a thread of a pool: the process would not end before one that hangs.
                Thread(target=self._look, args=(current,), name="look", daemon=True).start()
        try:
            return current.result(self.wait)
        except TookTooLong:
            return Seen(trouble=HANGS.format(self.wait))

    def _look(self, current: "Future[Seen]") -> None:
        began = time.monotonic()
        try:
            seen = self._read(began)
        except SQLAlchemyError as error:
            seen = Seen(trouble=_sentence(error, self.revision))
        except Exception:
            # Whoever waits has to be answered, whatever went wrong.
            logger.exception("The desk could not be looked at")
            seen = Seen(trouble="The desk could not be looked at: the log of this process says why.")
        self._over_at = time.monotonic()
        current.set_result(seen)

    def _read(self, began: float) -> Seen:
        with transaction(self.services.engine, quiet=True) as session:
            only_read(session, STATEMENT_SECONDS)
            revision = read_revision(session)
            if trouble := version_trouble(revision, self.revision):
                return Seen(trouble=trouble)
            seen, unsent = look(session, self.services), count_unsent(session)
            for table in Counted:
                mark = self._marks.get(table) or begin_reading(session, table)
                fated, self._marks[table] = read_fates(session, table, mark)
                self.counters.count(table, fated)
        return Seen(seen, unsent, time.monotonic() - began)


def _sentence(error: SQLAlchemyError, needed: str) -> str:
    """Why the database could not be read; the driver's words, which may name hosts and roles, are logged."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) in NO_DESK:
        return version_trouble(None, needed)
    lines = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()
    logger.warning("The database cannot be read: %s", (lines or [type(error).__name__])[0])
    return "The database cannot be read: the log of this process says why."
