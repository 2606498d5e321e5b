"""The pulse of a process: four times a minute it says in the database that it is there, and how its machine stands.

A thread of the main process does it, on a connection of its own, so that neither a long task nor a child that hangs
stops it, and no mail waits for it.
"""

import logging
import os
import shutil
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Event, Thread

from desk.reports.health.facts import ProcessKind
from desk.tokens import fingerprint
from models.db.light import Unreachable
from models.reports.health.beating import Beat, write_beat
from worker.runtime.clock import now
from worker.settings.model import Settings

logger = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
# Between two beats of which the first took long.
LEAST_PAUSE_SECONDS = 1.0


class Pulse:
    """The pulse of this process; `folders` are those whose disks it looks at."""

    def __init__(self, settings: Settings, kind: ProcessKind, queues: Sequence[str] = ()) -> None:
        self._url = settings.database.url.get_secret_value()
        self._key = fingerprint(settings.desk.secret_key.get_secret_value().encode())
        self._kind, self._queues = kind, sorted(queues)
        self._began = time.monotonic()
        self._fails = False
        self.folders = {Path.cwd()}

    def beat(self) -> bool:
        """Write one beat; False, and a line in the log for the first of several, where the database is away."""
        try:
            data = write_beat(self._url, self._this_beat())
        except Unreachable as error:
            if not self._fails:
                logger.warning("The pulse cannot be written, and is tried every %s s: %s", BEAT_SECONDS, error)
            self._fails = True
            return False
        self._fails = False
        if data:
            self.folders.add(Path(data))
        return True

    def keep_beating(self, stop: Event) -> None:
        """Beat until `stop`; whatever goes wrong costs one beat, and one that takes long does not delay the next."""
        while True:
            began = time.monotonic()
            try:
                self.beat()
            except Exception:
                logger.exception("The pulse cannot be written")
            if stop.wait(max(LEAST_PAUSE_SECONDS, BEAT_SECONDS - (time.monotonic() - began))):
                return

    def _this_beat(self) -> Beat:
        free, total = self._least_room()
        return Beat(
            host=socket.gethostname(),
            pid=os.getpid(),
            kind=self._kind,
            queues=self._queues,
            version=version_of_desk(),
            key=self._key,
            clock=now(),
            age=time.monotonic() - self._began,
            disk_free=free,
            disk_total=total,
        )

    def _least_room(self) -> tuple[int | None, int | None]:
        """The bytes free to us and in all on the disk with the least room of those that can be seen."""
        seen = []
        for folder in self.folders:
            with suppress(OSError):
                usage = shutil.disk_usage(folder)
                seen.append((usage.free, usage.total))
        return min(seen, default=(None, None))


def start_pulse(settings: Settings, kind: ProcessKind, queues: Sequence[str] = ()) -> Event:
    """Begin the pulse of this process in a thread that ends with it, or when the event is set."""
    stop = Event()
    pulse = Pulse(settings, kind, queues)
    Thread(target=pulse.keep_beating, args=(stop,), name="pulse", daemon=True).start()
    return stop


def version_of_desk() -> str:
    """The version of the installed program, or that it runs from a checkout."""
    try:
        return version("supportdesk")
    except PackageNotFoundError:
        return "checkout"
