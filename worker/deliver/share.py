"""One server's part of a run: its connections, the rows that wait for one, and those that are in flight."""

import time
from collections import deque
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Final

from mail.smtp.connection import Deferred, NotBegun, Sent
from mail.smtp.crowded import is_crowded
from mail.smtp.pipelining import CLOSING
from models.db.claims import Claimed
from worker.deliver.lines import BegunMail, Carried, DueRow, Line, News, Opened
from worker.deliver.servers import MEMORY, SmtpAccount

# To open a connection takes as long as to send a few mails, so another is opened where so many wait for each.
MAILS_A_CONNECTION: Final = 3
# For each of several connections a further mail is begun, so that none waits for the database. What the gate said of it
# holds for so many seconds; then it is asked anew.
AHEAD: Final = 2
FRESH_SECONDS: Final = 2.0


@dataclass(slots=True, eq=False)
class Share:
    """What a run does with one server; `failure` says why no mail goes there any more in this run."""

    account: SmtpAccount
    local_hostname: str
    news: SimpleQueue[News]
    is_empty: bool = False
    failure: str = ""
    waiting: deque[DueRow] = field(default_factory=deque)
    in_flight: dict[Line, BegunMail] = field(default_factory=dict)
    _ready: deque[BegunMail] = field(default_factory=deque)
    _idle: list[Line] = field(default_factory=list)
    _opening: Line | None = None
    _may_open: bool = True

    @property
    def lines(self) -> list[Line]:
        """The lines that have a connection."""
        return [*self._idle, *self.in_flight]

    @property
    def _allowed(self) -> int:
        return MEMORY.most(self.account.server, self.account.connections)

    @property
    def is_at_work(self) -> bool:
        """Whether it has mails that go, or wait for a connection that may come."""
        return bool(self.in_flight or self._ready or self.waiting)

    @property
    def has_more_to_do(self) -> bool:
        """The same, or whether there may be more to put off, as the server cannot be reached."""
        return self.is_at_work or (bool(self.failure) and not self.is_empty)

    @property
    def is_waiting_for_news(self) -> bool:
        """Whether a line will say something."""
        return bool(self.in_flight or self._opening)

    @property
    def slowest(self) -> float:
        """For how many seconds a mail is in flight already; 0 for none."""
        return max((time.monotonic() - line.began for line in self.in_flight), default=0.0)

    def wants_more(self) -> bool:
        """Whether fewer rows wait than might begin at once; what is claimed and waits is nobody else's."""
        return not self.is_empty and len(self.waiting) < max(1, len(self.lines))

    def take(self, claimed: Claimed, ends_at: float) -> None:
        """Let claimed rows wait, in the order of their ids; the claim ends then (monotonic)."""
        for row in claimed.rows:
            one = replace(claimed, ids=(row.id,), rows=())
            thread = None if row.ticket_number is None else (row.ticket_number, row.recipient)
            self.waiting.append(DueRow(row.id, one, ends_at, thread))

    def late(self, least: float) -> list[DueRow]:
        """The rows of whose claim fewer seconds are left than that, which wait no longer."""
        late = [waiting for waiting in self.waiting if waiting.left < least]
        if late:
            # They are due again as soon as they are given back.
            self.is_empty = False
            self.waiting = deque(waiting for waiting in self.waiting if waiting not in late)
        return late

    def next_rows(self) -> list[DueRow]:
        """Those that begin now; of mails about a ticket to one recipient, the first."""
        busy = {begun.waiting.thread for begun in (*self.in_flight.values(), *self._ready)} - {None}
        room = len(self._idle)
        if len(self.lines) > 1:
            room = AHEAD * len(self.lines) - len(self.in_flight) - len(self._ready)
        chosen: list[DueRow] = []
        passed: list[DueRow] = []
        while self.waiting and len(chosen) < room:
            waiting = self.waiting.popleft()
            (passed if waiting.thread in busy else chosen).append(waiting)
            # What stands behind one that waits for its turn waits as well.
            busy |= {waiting.thread} - {None}
        self.waiting.extendleft(reversed(passed))
        return chosen

    def carry(self, begun: BegunMail) -> None:
        """Let a mail go as soon as a connection is idle."""
        self._ready.append(begun)

    def hand_over(self, least: float) -> None:
        """Hand mails that are ready to idle connections; one that is ready for too long waits to be begun anew.

        That is also one of whose claim less than `least` seconds are left.
        """
        while self._ready and self._idle:
            begun = self._ready.popleft()
            if time.monotonic() - begun.begun_at > FRESH_SECONDS or begun.waiting.left < least:
                self.waiting.appendleft(replace(begun.waiting, was_counted=True))
                continue
            line = self._idle.pop()
            self.in_flight[line] = begun
            line.carry(begun)

    def open_if_wanted(self) -> None:
        """Open one more connection where many mails wait for each; one at a time, so that a refusal is noticed."""
        if self._opening or self.failure or not self._may_open or not self.waiting:
            return
        wanted = -(-(len(self.waiting) + len(self._ready) + len(self.in_flight)) // MAILS_A_CONNECTION)
        if len(self.lines) >= min(self._allowed, wanted):
            return
        if self.lines and MEMORY.is_opening_further(self.account.server):
            return
        if not self.lines and MEMORY.never_answers(self.account.server):
            self.failure = f"{self.account.server} has not answered for long"
            return
        self._opening = Line(self.account.server, self.local_hostname, self.news, beside=len(self.lines))

    def owns(self, line: Line) -> bool:
        """Whether this is a line of this server."""
        return line is self._opening or line in self.in_flight

    def hear(self, news: News) -> Carried | None:
        """What a line says; a letter that came back, where its outcome is to be recorded."""
        if isinstance(news, Carried):
            return self._hear_carried(news)
        self._hear_opened(news)
        return None

    def _hear_opened(self, opened: Opened) -> None:
        """A connection is there, or is refused: where others are open, the server allows no more."""
        self._opening = None
        if opened.failure is not None:
            # The line has told it to the memory.
            self._do_with_fewer(opened.failure, is_refusal=False)
        elif self.lines and len(self.lines) >= self._allowed:
            # While it was being opened, the server refused another.
            opened.line.leave()
        else:
            self._idle.append(opened.line)

    def _hear_carried(self, carried: Carried) -> Carried | None:
        """A letter came back; None where another connection is to try it, as nothing was sent of it over this one."""
        waiting = self.in_flight.pop(carried.line).waiting
        # What was not taken may be due again at once, written anew.
        self.is_empty = self.is_empty and isinstance(carried.answer, Sent)
        if carried.goes_on:
            self._idle.append(carried.line)
            return self._leave_if_crowded(carried, waiting)
        not_begun = carried.answer if isinstance(carried.answer, NotBegun) else None
        self._do_with_fewer(self._gone, is_refusal=not_begun is not None and not_begun.code == CLOSING)
        if not_begun is None or not self.lines or waiting.was_tried:
            return carried
        self.waiting.appendleft(replace(waiting, was_tried=True, was_counted=True))
        return None

    @property
    def _gone(self) -> str:
        # What a server said of one mail names its recipient, and belongs neither into a log nor to other mails.
        return f"{self.account.server} ended the connection; the errors of its mails say why"

    def _leave_if_crowded(self, carried: Carried, waiting: DueRow) -> Carried | None:
        """Where a refusal speaks of too many connections, leave this one, and let another carry the mail."""
        answer = carried.answer
        if len(self.lines) < 2 or not (isinstance(answer, Deferred) and is_crowded(answer.code, answer.reply)):
            return carried
        self._idle.remove(carried.line)
        carried.line.leave()
        self._do_with_fewer(self._gone, is_refusal=True)
        self.waiting.appendleft(replace(waiting, was_counted=True))
        return None

    def _do_with_fewer(self, failure: object, *, is_refusal: bool) -> None:
        """Go on with the connections that are left, and open no other in this run."""
        self._may_open = False
        if not self.lines and self._opening is None:
            self.failure = str(failure)
        elif self.lines and is_refusal:
            MEMORY.takes_no_more_than(self.account.server, len(self.lines))

    def drop_waiting(self) -> list[DueRow]:
        """Let nothing wait any more; those that did."""
        dropped = [*(replace(begun.waiting, was_counted=True) for begun in self._ready), *self.waiting]
        self.waiting, self._ready = deque(), deque()
        return dropped

    def leave(self) -> list[Line]:
        """Let each connection end, also one that is still being opened; those with a goodbye to say."""
        leaving, self._idle = self._idle, []
        for line in leaving:
            line.leave()
        if self._opening:
            self._opening.leave()
        return leaving
