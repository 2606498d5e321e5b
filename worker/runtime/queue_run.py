"""One run over a queue: claim, work each row in its own transaction, give back what failed, stop in time."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.failures import TemporaryFailure
from models.db.claims import MOST_TRIES, Claimed, Queue, charge, claim_alone, claim_fresh, release
from models.db.errors import is_infrastructure
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A run that takes longer than this many seconds ends and lets others at the worker.
RUN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A queue and the times that hold for it: how long a claim lasts, and how long a row that raised waits."""

    engine: Engine
    queue: Queue
    lease: timedelta
    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class Run:
    """How much one run did, and whether it stopped with work left."""

    done: int
    more: bool


class Trouble(Exception):
    """The infrastructure failed: the run stops, nothing is charged, and the sweep comes back."""


def claims(post: WorkQueue, most: int) -> Iterator[Claimed]:
    """Claim fresh rows in batches while there are any, then the rows that want to be alone."""
    while True:
        with transaction(post.engine) as session:
            claimed = claim_fresh(session, post.queue, post.lease, most)
            if not claimed.ids:
                claimed = claim_alone(session, post.queue, post.lease)
        if not claimed.ids:
            return
        yield claimed


def in_time(pieces: Iterator[T], work: Callable[[T], int], seconds: float = RUN_SECONDS) -> Run:
    """Work piece after piece until there are none or the time is up; trouble ends the run quietly."""
    ends, done = time.monotonic() + seconds, 0
    try:
        for piece in pieces:
            done += work(piece)
            if time.monotonic() >= ends:
                return Run(done, more=True)
    except (Trouble, TemporaryFailure, SQLAlchemyError) as error:
        if isinstance(error, SQLAlchemyError) and not is_infrastructure(error):
            raise
        logger.warning("The run stops and comes back later: %s", error_line(error))
    return Run(done, more=False)


def guarded(post: WorkQueue, claimed: Claimed, row: int, work: Callable[[], None]) -> int | None:
    """Do the work of one row; None: it is done. An exception charges a try: the tries it has now.

    Raises Trouble where the infrastructure failed; the claim is given back if the database can be reached.
    """
    try:
        work()
    except Exception as error:
        stop_at_trouble(post, claimed, error)
        logger.exception("Row %s of %s raised", row, post.queue.table)
        with transaction(post.engine) as session:
            return charge(session, post.queue, claimed, row, error_line(error), post.retry_after)
    return None


def stop_at_trouble(post: WorkQueue, claimed: Claimed, error: Exception) -> None:
    """Give the claim back and raise Trouble where the infrastructure failed; whatever else it is, is the work's own."""
    if isinstance(error, (Trouble, TemporaryFailure)) or is_infrastructure(error):
        give_back(post, claimed)
        raise Trouble(error_line(error)) from error


def give_back(post: WorkQueue, claimed: Claimed) -> None:
    """Release a claim without a charge; where the database is away, the claim ends by itself."""
    with suppress(SQLAlchemyError), transaction(post.engine) as session:
        release(session, post.queue, claimed)


def error_line(error: Exception) -> str:
    """An error in one line of at most 1,000 characters, without a statement's values: they may be a mail's words."""
    origin = getattr(error, "orig", None) or error
    text = " ".join(str(origin).split()) or "no message"
    return f"{type(origin).__name__}: {text}"[:1000].replace("\0", "")


def is_worn_out(tries: int) -> bool:
    """True where a row was tried MOST_TRIES times."""
    return tries >= MOST_TRIES
