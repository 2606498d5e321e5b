"""Delivering: due mails of the outbox go to their SMTP servers; nothing else sends mail.

The database is asked in this thread alone; while it is, mails are in flight on connections with threads of their own
(docs/decisions/0027-mails-fly-beside-one-another.md).
"""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from math import inf
from queue import Empty, SimpleQueue
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from models.db.claims import Claimed, Lanes
from models.outbox.rows import OUTBOX, take_attempts_back
from worker.deliver.attempt import begin, record
from worker.deliver.lines import Carried, DueRow, News
from worker.deliver.servers import accounts, let_others_go
from worker.deliver.share import Share
from worker.runtime import queue_run
from worker.runtime.queue_run import Run, Trouble
from worker.runtime.services import Services
from worker.runtime.transaction import transaction
from worker.settings.sections.limits import STEPS_OF_ONE_MAIL

logger = logging.getLogger(__name__)

# So many rows are claimed at once, or so many for each connection: what is claimed and waits is nobody else's.
BATCH: Final = 10
ROWS_A_CONNECTION: Final = 3
# A run whose time is up goes on beside a mail that is in flight for so many seconds, for other servers' mails; no
# longer than this in all, so that Celery's limit of a task is not met by one that hangs.
SLOW_SECONDS: Final = 5.0
LONGEST_RUN_SECONDS: Final = 240.0
LOOK_SECONDS: Final = 1.0


def deliver_due(services: Services, seconds: float = queue_run.RUN_SECONDS) -> Run:
    """Send what is due, for about so many seconds."""
    delivery = _Delivery(services, seconds)
    with closing(delivery.rounds()) as rounds:
        # It ends by itself, when nothing is in flight.
        ran = queue_run.run_for(inf, rounds, int)
    return Run(ran.done, more=delivery.stopped)


class _Delivery:
    """One run: what is due is claimed, begun and recorded in rounds, as connections get free."""

    def __init__(self, services: Services, seconds: float) -> None:
        self._services = services
        self._queue = services.queue(OUTBOX)
        self._news: SimpleQueue[News] = SimpleQueue()
        self._shares = [Share(account, services.domain, self._news) for account in accounts(services)]
        self._ends = time.monotonic() + seconds
        self._ends_for_others = time.monotonic() + max(seconds, LONGEST_RUN_SECONDS)
        # True while the only row at work is one that wants to be alone.
        self._is_alone = False
        # A mail is not begun when less of its claim is left than all of its steps may take, in seconds.
        self._least = STEPS_OF_ONE_MAIL * services.limits.step_seconds
        self.stopped = False

    def rounds(self) -> Generator[int]:
        """Work until nothing is due, or the time is up; gives how many mails each round began."""
        try:
            while True:
                self._claim()
                yield self._begin()
                if not self._is_at_work():
                    return
                record(self._services, self._hear())
                # Not before: a process that dies may leave one mail a connection between its DATA and the record of it.
                self._hand_over()
        finally:
            # Also where this process is asked to end: what is in flight may be taken, and is to be recorded.
            self._leave()

    def _claim(self) -> None:
        """Claim where fewer rows wait than may begin; a row that wants to be alone only where nothing is at work."""
        if self._is_alone and not any(share.is_at_work for share in self._shares):
            self._is_alone = False
            for share in self._shares:
                share.is_empty = False
        for share in self._shares:
            self._let_others_go(share)
            self._give_back(share.late(self._least))
            # One claim a round: those of a server that cannot be reached are put off beside the others' work.
            if not self._is_alone and share.wants_more() and self._may_begin(share):
                most = max(BATCH, ROWS_A_CONNECTION * len(share.lines))
                share.is_empty = not self._take(share, partial(queue_run.claim_some, self._queue, most))
        for share in self._shares:
            if not self._is_alone and self._may_begin(share) and not any(one.is_at_work for one in self._shares):
                self._is_alone = self._take(share, partial(queue_run.claim_one, self._queue))

    def _take(self, share: Share, claim: Callable[[Lanes | None], Claimed]) -> bool:
        """Claim rows for a server; whether there were any."""
        # The lease began no earlier than this.
        ends_at = time.monotonic() + self._services.limits.delivery_lease_seconds
        claimed = claim(share.account.lanes)
        share.take(claimed, ends_at)
        self._let_others_go(share)
        return bool(claimed.ids)

    def _begin(self) -> int:
        """Hand the mails over that have an idle connection, once their attempts are recorded; how many there were."""
        shares: dict[int, Share] = {}
        rows: list[DueRow] = []
        for share in self._shares:
            share.open_if_wanted()
            self._let_others_go(share)
            chosen = share.next_rows() if self._may_begin(share) else []
            shares |= {waiting.row: share for waiting in chosen}
            rows += chosen
        try:
            letters = begin(self._services, rows)
        except BaseException:
            self._give_back(rows)
            raise
        for letter in letters:
            shares[letter.waiting.row].carry(letter)
        self._hand_over()
        return len(rows)

    def _hand_over(self) -> None:
        for share in self._shares:
            share.hand_over(self._least)

    def _may_begin(self, share: Share) -> bool:
        """Whether there is time left; what hangs on one server takes none from the mails of the others."""
        now = time.monotonic()
        if now < self._ends:
            return True
        return now < self._ends_for_others and any(
            other.slowest > SLOW_SECONDS for other in self._shares if other is not share
        )

    def _is_at_work(self) -> bool:
        """Whether anything is in flight, or could be soon."""
        self.stopped = time.monotonic() >= self._ends
        return any(share.in_flight or (share.has_more_to_do and self._may_begin(share)) for share in self._shares)

    def _hear(self) -> list[Carried]:
        """Wait for what the lines say next; the letters whose outcome is to be recorded, all that came together."""
        carried: list[Carried] = []
        if not any(share.is_waiting_for_news for share in self._shares):
            return carried
        with suppress(Empty):
            news = self._news.get(timeout=LOOK_SECONDS)
            while True:
                share = next(share for share in self._shares if share.owns(news.line))
                if (letter := share.hear(news)) is not None:
                    carried.append(letter)
                news = self._news.get_nowait()
        return carried

    def _let_others_go(self, share: Share) -> None:
        """Where a server cannot be reached, let its mails wait; where there is no other, that ends the run."""
        if not share.failure:
            return
        waiting = share.drop_waiting()
        if len(self._shares) == 1:
            self._give_back(waiting)
            raise Trouble(share.failure)
        self._take_attempts_back(waiting)
        for claimed in _by_claim(waiting):
            let_others_go(self._services, claimed, share.failure)

    def _take_attempts_back(self, rows: Sequence[DueRow]) -> None:
        counted = [(waiting.claimed, waiting.row) for waiting in rows if waiting.was_counted]
        if counted:
            with suppress(SQLAlchemyError), transaction(self._services.engine) as session:
                take_attempts_back(session, counted)

    def _give_back(self, rows: Sequence[DueRow]) -> None:
        self._take_attempts_back(rows)
        for claimed in _by_claim(rows):
            queue_run.give_back(self._queue, claimed)

    def _leave(self) -> None:
        """Record what is in flight when it ends, give back what waits, and say goodbye to the servers."""
        # A signal may have come between a line's word and its reading; no mail takes longer than its claim.
        ends = time.monotonic() + self._services.limits.delivery_lease_seconds
        while any(share.in_flight for share in self._shares) and time.monotonic() < ends:
            try:
                record(self._services, self._hear())
            except (Trouble, SQLAlchemyError) as error:
                logger.warning("What became of a mail could not be recorded: %s", error)
        for share in self._shares:
            self._give_back(share.drop_waiting())
        leaving = [line for share in self._shares for line in share.leave()]
        ends = time.monotonic() + self._services.limits.step_seconds
        for line in leaving:
            line.join(ends - time.monotonic())


def _by_claim(rows: Sequence[DueRow]) -> Iterator[Claimed]:
    """The rows as parts of the claims that they are of."""
    parts: dict[UUID, list[DueRow]] = {}
    for waiting in rows:
        parts.setdefault(waiting.claimed.token, []).append(waiting)
    for part in parts.values():
        yield replace(part[0].claimed, ids=tuple(waiting.row for waiting in part))
