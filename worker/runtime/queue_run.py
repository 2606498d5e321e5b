"""One run over a queue: claim rows, work each of them, charge or give back what failed, stop when the time is up."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from desk.tokens import Keys, key_trouble
from mail.failures import TemporaryFailure
from models.db.claims import MOST_TRIES, Claimed, Lanes, Queue, charge, claim_alone, claim_fresh, release
from models.db.errors import is_infrastructure
from worker.runtime.clock import CLOCK_LOG
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A run that takes longer than this many seconds ends and lets others at the worker.
RUN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A queue and what holds for its work: how long a claim lasts, how long a row that raised waits, and our keys."""

    engine: Engine
    queue: Queue
    lease: timedelta
    retry_after: timedelta
    keys: Keys


@dataclass(frozen=True, slots=True)
class Run:
    """How much one run did, and whether it stopped with work left."""

    done: int
    more: bool


class Trouble(Exception):
    """The infrastructure failed: the run stops, nothing is charged, and the sweep comes back."""


def claim_batches(work_queue: WorkQueue, most: int) -> Iterator[Claimed]:
    """Claim fresh rows in batches while there are any, then the rows that want to be alone."""
    while True:
        with transaction(work_queue.engine) as session:
            claimed = claim_fresh(session, work_queue.queue, work_queue.lease, most)
            check_process(claimed, work_queue.keys)
            if not claimed.ids:
                claimed = claim_alone(session, work_queue.queue, work_queue.lease)
        if not claimed.ids:
            return
        yield claimed


def claim_some(work_queue: WorkQueue, most: int, lanes: Lanes | None) -> Claimed:
    """Claim fresh rows of these lanes, where they are worked beside one another; no id where there are none."""
    with transaction(work_queue.engine) as session:
        claimed = claim_fresh(session, work_queue.queue, work_queue.lease, most, lanes)
        check_process(claimed, work_queue.keys)
        return claimed


def claim_one(work_queue: WorkQueue, lanes: Lanes | None) -> Claimed:
    """Claim a row of these lanes that wants to be alone, which only a process with nothing else at work may ask for."""
    with transaction(work_queue.engine) as session:
        return claim_alone(session, work_queue.queue, work_queue.lease, lanes)


def check_process(claimed: Claimed, keys: Keys) -> None:
    """Compare this process with what a claim has read along: say where its clock is wrong.

    Raises Trouble, so that nothing is claimed, where its keys are not those in use.
    """
    CLOCK_LOG.compare(claimed.clock)
    if trouble := key_trouble(keys, claimed.keys):
        raise Trouble(trouble)


def run_for(seconds: float, batches: Iterator[T], work: Callable[[T], int]) -> Run:
    """Work batch after batch until there are none or the time is up; `work` returns how many rows it did.

    Trouble of the infrastructure is logged and ends the run; the next sweep begins another.
    """
    ends, done = time.monotonic() + seconds, 0
    try:
        for batch in batches:
            done += work(batch)
            if time.monotonic() >= ends:
                return Run(done, more=True)
    except (Trouble, TemporaryFailure, SQLAlchemyError) as error:
        if isinstance(error, SQLAlchemyError) and not is_infrastructure(error):
            raise
        logger.warning("The run stops and comes back later: %s", _in_one_line(error))
    return Run(done, more=False)


def try_row(work_queue: WorkQueue, claimed: Claimed, row: int, work: Callable[[], None]) -> bool:
    """Do the work of one row, as `try_rows`."""
    return try_rows(work_queue, claimed, (row,), work)


def try_rows(work_queue: WorkQueue, claimed: Claimed, rows: Sequence[int], work: Callable[[], None]) -> bool:
    """Do the work of rows that belong together, whose exception charges each a try; True where it was the last one.

    Raises Trouble where the infrastructure failed; the claim is given back if the database can be reached.
    """
    try:
        work()
    except Exception as error:
        stop_at_trouble(work_queue, claimed, error)
        logger.exception("Row %s of %s raised", ", ".join(map(str, rows)), work_queue.queue.table)
        with transaction(work_queue.engine) as session:
            tries = charge(session, work_queue.queue, claimed, rows, _in_one_line(error), work_queue.retry_after)
        return tries >= MOST_TRIES
    return False


def stop_at_trouble(work_queue: WorkQueue, claimed: Claimed, error: Exception) -> None:
    """Give the claim back and raise Trouble where the infrastructure failed; do nothing where the work itself did."""
    is_trouble = isinstance(error, (Trouble, TemporaryFailure)) or is_infrastructure(error)
    reason = _in_one_line(error) if is_trouble else _damage(work_queue.engine)
    if reason:
        give_back(work_queue, claimed)
        raise Trouble(reason) from error


def _damage(engine: Engine) -> str:
    """What is missing in the database, as a sentence; empty where nothing is.

    It is asked once something failed, whatever that was: what a mail does in half a database says nothing of the mail.
    """
    # With it come all tables, of which most processes need few.
    from models.schema.repair import missing_parts  # noqa: PLC0415

    try:
        with transaction(engine) as session:
            missing = missing_parts(session.connection())
    except SQLAlchemyError as error:
        return f"The database cannot be checked: {_in_one_line(error)}"
    made_anew = "Once SupportDesk's tables are there, run: supportdesk db repair"
    return f"The database lacks {', '.join(missing)}. {made_anew}" if missing else ""


def give_back(work_queue: WorkQueue, claimed: Claimed) -> None:
    """Release a claim without a charge; where the database cannot be reached, the claim ends by itself."""
    with suppress(SQLAlchemyError), transaction(work_queue.engine) as session:
        release(session, work_queue.queue, claimed)


def _in_one_line(error: Exception) -> str:
    """An error in one line of at most 1,000 characters, without a statement's values: they may be a mail's words."""
    origin = getattr(error, "orig", None) or error
    text = " ".join(str(origin).split()) or "no message"
    return f"{type(origin).__name__}: {text}"[:1000].replace("\0", "")
