"""Feeding the plan: a thread that sends mail after mail over SMTP, answers when the mail that they answer has come."""

import random
import re
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.chaos.faults import TakenMail
from bench.chaos.mails import DeskMail, Letter, write
from bench.chaos.plan import ANSWERS, BY_STAFF, Act, Step, Thread
from seed.stack.mailhost.server import MailServer

TIMEOUT_SECONDS = 30
# How a mail of the desk names its thread: by a mail of the plan, or by the topic in its subject.
NAMED = re.compile(r"mark(\d+)x|topic(\d+)x")
# A new thread begins when fewer than so many could go on; those that wait for an answer do not count.
MOST_READY = 40
# How often, of a hundred times, the next mail is of the same thread, so that a reply comes right behind its parent.
SAME_THREAD = 50

# Which of these Message-IDs may be answered in public.
Answerable = Callable[[list[str]], set[str]]


@dataclass(slots=True)
class Feed:
    """The plan and its state: the steps fed so far, and the mails of the desk that can be answered in each thread.

    `taken` are the mails that the SMTP server took, which the proxy appends to. `failure` is what ended the feed early.
    """

    server: MailServer
    plan: tuple[Thread, ...]
    taken: list[TakenMail]
    answerable: Answerable
    dice: random.Random
    fed: list[Step] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    failure: str = ""
    _letters: dict[int, Letter] = field(default_factory=dict)
    _threads: dict[int, int] = field(default_factory=dict)
    _ours: dict[tuple[int, bool], list[DeskMail]] = field(default_factory=dict)
    _read: int = 0

    def run(self, seconds: float) -> None:
        """Feed the plan, spread over so many seconds; what waits for an answer that never comes is not fed.

        What goes wrong is kept in `failure`, for nobody waits for this thread's exceptions.
        """
        try:
            self._feed_all(seconds)
        except Exception as error:  # noqa: BLE001
            self.failure = f"{type(error).__name__}: {error}"

    def _feed_all(self, seconds: float) -> None:
        self._threads = {step.number: step.thread for thread in self.plan for step in thread.steps}
        total = len(self._threads)
        began = time.monotonic()
        waiting = list(reversed(self.plan))
        # The next step of each thread that has begun, with the steps after it.
        begun: list[tuple[Step, Iterator[Step]]] = []
        while (waiting or begun) and not self.stop.is_set():
            self._sort_new_mails()
            if waiting and sum(self._is_ready(step) for step, _ in begun) < MOST_READY:
                steps = iter(waiting.pop().steps)
                begun.insert(0, (next(steps), steps))
                continue
            self._feed_one(begun)
            ahead = began + seconds * len(self.fed) / total - time.monotonic()
            self.stop.wait(max(ahead, 0.001))

    def _feed_one(self, begun: list[tuple[Step, Iterator[Step]]]) -> None:
        ready = [place for place, (step, _) in enumerate(begun) if self._is_ready(step)]
        if not ready:
            self.stop.wait(0.2)
            return
        same = ready[-1] == len(begun) - 1 and self.dice.random() * 100 < SAME_THREAD
        step, steps = begun.pop(ready[-1] if same else self.dice.choice(ready))
        self._send(step)
        following = next(steps, None)
        if following:
            # The thread that was fed last stands last.
            begun.append((following, steps))

    def _is_ready(self, step: Step) -> bool:
        return step.act not in ANSWERS or bool(self._arrived(step))

    def _arrived(self, step: Step) -> list[DeskMail]:
        """The mails of the desk that this step may answer."""
        return self._ours.get((step.thread, step.act in BY_STAFF), [])

    def _sort_new_mails(self) -> None:
        new = [one.mail for one in self.taken[self._read :]]
        self._read += len(new)
        allowed = self.answerable([mail.message_id for mail in new]) if new else set()
        for mail in new:
            named = NAMED.search(f"{mail.refers} {mail.subject}")
            if named and mail.message_id in allowed and mail.reply_to:
                thread = self._threads[int(named[1])] if named[1] else int(named[2])
                self._ours.setdefault((thread, mail.recipient.endswith("@desk.example")), []).append(mail)

    def _send(self, step: Step) -> None:
        arrived = self._arrived(step) if step.act in ANSWERS else []
        if step.act is Act.AGAIN and step.refers_to is not None:
            letter = self._letters[step.refers_to]
        else:
            letter = write(step, self.plan[step.thread], self.dice.choice(arrived) if arrived else None)
        self._letters[step.number] = letter
        with smtplib.SMTP("127.0.0.1", self.server.smtp_port, "localhost", timeout=TIMEOUT_SECONDS) as client:
            client.sendmail(letter.sender, [letter.recipient], letter.raw)
        self.fed.append(step)
