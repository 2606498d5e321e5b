"""A connection in a thread of its own: it carries one mail at a time, says what became of it, and asks no database."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Final

from mail.bounce.sender import asks_for_login
from mail.failures import PermanentFailure
from mail.smtp.connection import Connection, Deferred, NotBegun, PipeliningBroke, Refused, Sent, SmtpServer, open_smtp
from models.db.claims import Claimed
from worker.deliver.compose import ReadyMail
from worker.deliver.servers import MEMORY


@dataclass(frozen=True, slots=True)
class DueRow:
    """A claimed row that waits for a connection, with its claim as one of this row alone, and its end (monotonic).

    `thread` is the ticket and the recipient whose mails go one after the other; None where any order will do. Where an
    attempt `was_counted` and nothing of it was sent, the next is not counted.
    """

    row: int
    claimed: Claimed
    ends_at: float
    thread: tuple[int, str] | None = None
    was_tried: bool = False
    was_counted: bool = False

    @property
    def ticket(self) -> int | None:
        """The number of the ticket that the mail is about; None where it is about none."""
        return self.thread[0] if self.thread else None

    @property
    def left(self) -> float:
        """How many seconds of the claim are left."""
        return self.ends_at - time.monotonic()


@dataclass(frozen=True, slots=True)
class BegunMail:
    """A mail whose attempt is recorded, and when that was (monotonic)."""

    waiting: DueRow
    mail: ReadyMail
    begun_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Opened:
    """A line has a connection; where it got none, `failure` says why, and the line has ended."""

    line: "Line"
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a letter; where the line does not go on, its connection is gone, and it has ended."""

    line: "Line"
    letter: BegunMail
    answer: "Answer"
    goes_on: bool


Answer = Sent | Exception
News = Opened | Carried
QUIT: Final = None


class Line:
    """A thread with a connection to a server, which puts what happens into `news`; `beside` it others are open."""

    def __init__(self, server: SmtpServer, local_hostname: str, news: SimpleQueue[News], beside: int = 0) -> None:
        self.began = time.monotonic()
        self._beside = beside
        self._server, self._local_hostname = server, local_hostname
        self._news = news
        self._letters: SimpleQueue[BegunMail | None] = SimpleQueue()
        self._has_carried = False
        self._may_log_in_again = True
        # A server that never answers must not keep a process that ends.
        self._thread = Thread(target=self._run, name=f"smtp {server}", daemon=True)
        self._thread.start()

    def carry(self, letter: BegunMail) -> None:
        """Hand over a letter; the line must have none."""
        self.began = time.monotonic()
        self._letters.put(letter)

    def leave(self) -> None:
        """Say goodbye to the server, and end, once nothing is in flight; returns at once."""
        self._letters.put(QUIT)

    def join(self, seconds: float) -> None:
        """Wait until the line has ended, for so many seconds at most."""
        self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        with ExitStack() as opened:
            try:
                connection = self._open(opened)
            except Exception as failure:  # noqa: BLE001  whoever waits for this thread hears of everything
                if self._beside:
                    # Perhaps nobody waits any more: a run does not wait for a connection that it can do without.
                    MEMORY.takes_no_more_than(self._server, self._beside)
                self._news.put(Opened(self, failure))
                return
            self._news.put(Opened(self))
            for letter in iter(self._letters.get, QUIT):
                connection, answer = self._carry(opened, connection, letter)
                # A refusal of one mail leaves the connection as it was.
                self._has_carried = isinstance(answer, (Sent, Deferred, PermanentFailure))
                self._may_log_in_again |= isinstance(answer, Sent)
                self._news.put(Carried(self, letter, answer, goes_on=self._has_carried))
                if not self._has_carried:
                    return

    def _open(self, opened: ExitStack, *, pipelining: bool = True) -> Connection:
        opened.close()
        self._has_carried = False
        pipelining = pipelining and MEMORY.can_pipeline(self._server)
        with MEMORY.opening(self._server, is_first=not self._beside):
            return opened.enter_context(open_smtp(self._server, self._local_hostname, pipelining=pipelining))

    def _carry(
        self, opened: ExitStack, connection: Connection, letter: BegunMail
    ) -> tuple[Connection, Sent | Exception]:
        """Send a letter, over a new connection where nothing of its content went over the one before.

        That is done where the server closed the connection behind an earlier mail, or ended its session because the
        token of the login has ended, and then where it could not do PIPELINING, with one command at a time.
        """
        one_by_one = False
        try:
            while True:
                try:
                    sent = self._send(connection, letter)
                except Refused as failure:
                    if not self._is_session_over(failure):
                        raise
                    # Where that is no help, the server refuses us, and the next mail need not try.
                    self._may_log_in_again = False
                    connection = self._open(opened)
                except NotBegun as failure:
                    broke = isinstance(failure, PipeliningBroke)
                    if one_by_one or not (broke or self._has_carried):
                        raise
                    one_by_one = broke
                    connection = self._open(opened, pipelining=not one_by_one)
                else:
                    if one_by_one:
                        MEMORY.takes_one_by_one(self._server)
                    return connection, sent
        except Exception as failure:  # noqa: BLE001  as above
            return connection, failure

    def _is_session_over(self, failure: Refused) -> bool:
        """Whether the server asks for a login at MAIL, as where the token of the last one has ended since."""
        if self._server.bearer is None or not self._may_log_in_again:
            return False
        return failure.at_sender and asks_for_login(failure.code)

    def _send(self, connection: Connection, letter: BegunMail) -> Sent:
        mail = letter.mail
        # Composing the mail took time, too, and after the claim's end another worker may send it.
        return connection.send(mail.sender, mail.recipient, mail.message, letter.waiting.left)
