"""Which mailboxes operators have paused, as a process sees it that stays connected to their servers."""

import logging
import os
from collections.abc import Callable, Sequence
from threading import Event

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.ledger.mailbox_list import paused_names
from worker.runtime.transaction import autocommit

logger = logging.getLogger(__name__)

# A pause is not in a hurry: nobody polls from the moment on in which it is in the database.
LOOK_SECONDS = 10.0
# A database that is away keeps nobody from watching.
FIRST_LOOK_SECONDS = 5.0


class PauseOfMailbox:
    """Whether one mailbox is paused; `wake` is a file descriptor that can be read while it is.

    With `is_known` it is not, until somebody says otherwise.
    """

    def __init__(self, *, is_known: bool = True) -> None:
        self.is_on = False
        self._known = Event()
        if is_known:
            self._known.set()
        self.wake, self._end = os.pipe()

    def set(self, *, is_on: bool) -> None:
        """Say how it is; whoever waits on `wake` hears of it."""
        if is_on and not self.is_on:
            os.write(self._end, b".")
        if self.is_on and not is_on:
            os.read(self.wake, 1)
        self.is_on = is_on
        self._known.set()

    def wait_until_known(self) -> None:
        """Wait for the first look at the database, but not for long."""
        self._known.wait(FIRST_LOOK_SECONDS)


class Pauses:
    """The pauses of some mailboxes; where the database is away, what was last seen counts."""

    def __init__(self, engine: Engine, names: Sequence[str]) -> None:
        self._engine = engine
        self.of = {name: PauseOfMailbox(is_known=False) for name in names}

    def look(self) -> None:
        """See in the database which mailboxes are paused now."""
        try:
            with autocommit(self._engine) as session:
                paused = paused_names(session)
        except SQLAlchemyError as error:
            logger.info("Which mailboxes are paused cannot be seen now: %s", type(error).__name__)
            paused = frozenset(name for name, pause in self.of.items() if pause.is_on)
        for name, pause in self.of.items():
            pause.set(is_on=name in paused)

    def keep_looking(self, stopped: Callable[[float], bool]) -> None:
        """Look every few seconds until `stopped`, which waits for so many seconds, says so."""
        while True:
            try:
                self.look()
            except Exception:
                logger.exception("Which mailboxes are paused cannot be seen now")
            if stopped(LOOK_SECONDS):
                return
