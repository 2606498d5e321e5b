"""Watching: rings for a poll when a server reports mail, and for announcing when the database reports a change.

It keeps no state and writes nothing, so two of it do no harm, and without it the beat's sweeps find the same work.
"""

import logging
import math
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread, stack_size

from mail.failures import PermanentFailure, ServerBusy, TemporaryFailure
from mail.imap.idle import NoIdle, watch_folder
from models.events.listen import listening
from models.events.triggers import ACTOR_DELAY
from worker.poll.pauses import LOOK_SECONDS, PauseOfMailbox, Pauses
from worker.runtime import bell
from worker.runtime.mailboxes.accounts import imap_account
from worker.runtime.services import Services
from worker.settings.servers import MailboxSettings

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
# Servers lock an account at which many logins fail; the poller tries it, too.
REFUSED_PAUSE = 900.0
# A connection that lasted this long was a good one: the next pause is the first again.
GOOD_SECONDS = 60.0
# A server without IDLE is asked again this often whether it has it by now.
NO_IDLE_SECONDS = 3600.0
# Hundreds of logins at once would look like an attack.
STAGGER_SECONDS = 0.02
# Changes that come within this time of each other are one ring.
TICK_SECONDS = 0.25
ACTORLESS_SECONDS = float(ACTOR_DELAY.split()[0]) + 0.5
LEAVE_SECONDS = 1.5
STACK_BYTES = 512 * 1024

Ring = Callable[..., None]


class Stop:
    """A request to end, shared by threads; `wake` is a file descriptor that is readable once it was made."""

    def __init__(self) -> None:
        self._requested = Event()
        self.wake, self._end = os.pipe()

    def request(self) -> None:
        """Ask every thread to end; a second time changes nothing."""
        if not self._requested.is_set():
            self._requested.set()
            os.write(self._end, b".")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the request, at most so many seconds (None: for ever); whether it was made."""
        return self._requested.wait(seconds)


@dataclass(slots=True)
class AnnounceTimer:
    """When to ring for announcing, in seconds of a monotonic clock: soon after a change, and once more.

    A change without an actor is due only a while after it was made (ACTOR_DELAY of `models.events.triggers`). Both
    times are rounded up to a tick, so that a storm of changes is a few rings a second.
    """

    due: set[float] = field(default_factory=set)

    def note_change(self, moment: float) -> None:
        """Note a change at this moment."""
        self.due |= {_tick(moment), _tick(moment + ACTORLESS_SECONDS)}

    def ring_is_due(self, moment: float) -> bool:
        """True where it is time to ring; the times up to this moment are then forgotten."""
        over = {due for due in self.due if due <= moment}
        self.due -= over
        return bool(over)

    def pause(self, moment: float) -> float:
        """The seconds until the next ring; infinite where no change is waiting."""
        return max(0.0, min(self.due, default=math.inf) - moment)


def _tick(moment: float) -> float:
    return math.ceil(moment / TICK_SECONDS) * TICK_SECONDS


def start_watching(services: Services, stop: Stop, ring: Ring = bell.ring) -> list[Thread]:
    """Watch the database and every mailbox until `stop`, each in a daemon thread of its own; the threads, running."""
    stack_size(STACK_BYTES)
    boxes = services.settings.mailbox
    logger.info("Watching begins: the database and %s mailboxes", len(boxes))
    pauses = Pauses(services.engine, [box.name for box in boxes])
    threads = [
        _thread("the database", lambda: watch_database(services, stop, ring)),
        _thread("pauses", lambda: pauses.keep_looking(stop.wait)),
    ]
    for number, box in enumerate(boxes):
        watch = partial(watch_mailbox, services, box, stop, ring, number * STAGGER_SECONDS, pauses.of[box.name])
        threads.append(_thread(box.name, watch))
    return threads


def end_watching(stop: Stop, threads: Sequence[Thread]) -> None:
    """Ask all threads to end, and wait LEAVE_SECONDS at most for them."""
    stop.request()
    ends = time.monotonic() + LEAVE_SECONDS
    for thread in threads:
        # A thread that is just connecting is not waited for longer; it ends with the process.
        thread.join(max(0.0, ends - time.monotonic()))
    logger.info("Watching has ended")


def _thread(name: str, work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def watch_mailbox(
    services: Services,
    box: MailboxSettings,
    stop: Stop,
    ring: Ring,
    delay: float = 0.0,
    pause: PauseOfMailbox | None = None,
) -> None:
    """Ring for a poll of one mailbox whenever there may be new mail, until `stop`; begin after a delay in seconds.

    While an operator has it paused, its server is left alone.
    """
    again, pause = "", pause or PauseOfMailbox()

    def wait() -> None:
        nonlocal again
        if pause.is_on and _wait_out(box, stop, pause):
            return
        idles = False
        try:
            for _ in watch_folder(imap_account(services, box), box.folder, stop.wake, pause.wake):
                words = "there may be new mail" if idles else f"watched {again}by IDLE in {box.folder}"
                logger.info("Mailbox %s: %s; poll is rung for", box.name, words, extra={"mailbox": box.name})
                idles, again = True, "again "
                ring("poll", box.name)
        except NoIdle as lack:
            logger.info("Mailbox %s is polled every %s s: %s", box.name, box.poll_every_seconds, lack)
            _ring_at_intervals(box, stop, ring, pause)

    stop.wait(delay)
    pause.wait_until_known()
    _keep_watching(f"Mailbox {box.name}", wait, stop)


def _wait_out(box: MailboxSettings, stop: Stop, pause: PauseOfMailbox) -> bool:
    """Wait for the end of a pause; True where the request to stop came before it."""
    logger.info("Mailbox %s is paused by an operator, and not watched", box.name, extra={"mailbox": box.name})
    while pause.is_on:
        if stop.wait(LOOK_SECONDS):
            return True
    return False


def _ring_at_intervals(box: MailboxSettings, stop: Stop, ring: Ring, pause: PauseOfMailbox) -> None:
    ends = time.monotonic() + NO_IDLE_SECONDS
    while time.monotonic() < ends and not pause.is_on:
        ring("poll", box.name)
        if stop.wait(box.poll_every_seconds):
            return


def watch_database(services: Services, stop: Stop, ring: Ring) -> None:
    """Ring for announcing whenever an event was recorded, until `stop`."""

    def wait() -> None:
        with listening(services.engine) as listener:
            logger.info("The database is listened to for changes of tickets")
            timer = AnnounceTimer()
            # There may have been changes while nobody listened.
            timer.note_change(time.monotonic())
            while not stop.wait(0):
                if listener.wait(timer.pause(time.monotonic()), stop.wake):
                    timer.note_change(time.monotonic())
                if timer.ring_is_due(time.monotonic()):
                    logger.info("Tickets may have changed; announce is rung for")
                    ring("announce")

    _keep_watching("The database", wait, stop)


def _keep_watching(name: str, wait: Callable[[], None], stop: Stop) -> None:
    """Call `wait` again and again until `stop`, after pauses that grow; a failure is one line of the log."""
    pause = FIRST_PAUSE
    while not stop.wait(0):
        began, refused, asked = time.monotonic(), False, 0.0
        try:
            wait()
        except PermanentFailure as failure:
            # A quick repetition would only annoy a server that refuses us.
            refused = True
            logger.error("%s is not watched, and tried again in some minutes: %s", name, failure)  # noqa: TRY400
        except TemporaryFailure as failure:
            asked = (isinstance(failure, ServerBusy) and failure.seconds) or 0.0
            logger.warning("%s is not watched for now: %s", name, failure)
        except Exception:
            logger.exception("%s is not watched for now", name)
        lasted = time.monotonic() - began
        pause = REFUSED_PAUSE if refused else FIRST_PAUSE if lasted > GOOD_SECONDS else pause
        # Many watchers lose their server in the same moment, and should not come back in the same one.
        stop.wait(max(asked, pause * random.uniform(0.5, 1)))  # noqa: S311  no secret
        pause = min(2 * pause, LONGEST_PAUSE)
