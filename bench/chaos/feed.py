"""Feeding the plan: a thread that hands in mail after mail, each when the mails it goes back to allow it."""

import random
import re
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.chaos.mails import Letter, Ours, write
from bench.chaos.plan import ANSWERS, BY_STAFF, Act, Step, Thread
from bench.chaos.proxy import Handed
from seed.stack.mailhost.server import MailServer

TIMEOUT_SECONDS = 30
# How a mail of ours names its thread: by a mail of the plan, or by the topic in its subject.
NAMED = re.compile(r"mark(\d+)x|topic(\d+)x")
# A new thread begins when fewer than so many could go on; those that wait for an answer do not count.
MOST_READY = 40
# How often, of a hundred times, the next mail is of the same thread, so that a reply comes right behind its parent.
SAME_THREAD = 50

# Which of these Message-IDs may be answered in public.
Answerable = Callable[[list[str]], set[str]]


@dataclass(slots=True)
class Feed:
    """The plan on its way: what was fed, and what of ours has arrived for each thread."""

    server: MailServer
    plan: tuple[Thread, ...]
    handed: list[Handed]
    answerable: Answerable
    dice: random.Random
    fed: list[Step] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    failure: str = ""
    _letters: dict[int, Letter] = field(default_factory=dict)
    _threads: dict[int, int] = field(default_factory=dict)
    _ours: dict[tuple[int, bool], list[Ours]] = field(default_factory=dict)
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
        heads: list[tuple[Step, Iterator[Step]]] = []
        while (waiting or heads) and not self.stop.is_set():
            self._look_at_ours()
            if waiting and sum(self._is_ready(step) for step, _ in heads) < MOST_READY:
                steps = iter(waiting.pop().steps)
                heads.insert(0, (next(steps), steps))
                continue
            self._feed_one(heads)
            ahead = began + seconds * len(self.fed) / total - time.monotonic()
            self.stop.wait(max(ahead, 0.001))

    def _feed_one(self, heads: list[tuple[Step, Iterator[Step]]]) -> None:
        ready = [place for place, (step, _) in enumerate(heads) if self._is_ready(step)]
        if not ready:
            self.stop.wait(0.2)
            return
        same = ready[-1] == len(heads) - 1 and self.dice.random() * 100 < SAME_THREAD
        step, steps = heads.pop(ready[-1] if same else self.dice.choice(ready))
        self._hand_in(step)
        following = next(steps, None)
        if following:
            # The thread that was fed last stands last.
            heads.append((following, steps))

    def _is_ready(self, step: Step) -> bool:
        return step.act not in ANSWERS or bool(self._arrived(step))

    def _arrived(self, step: Step) -> list[Ours]:
        return self._ours.get((step.thread, step.act in BY_STAFF), [])

    def _look_at_ours(self) -> None:
        new = [one.mail for one in self.handed[self._read :]]
        self._read += len(new)
        allowed = self.answerable([mail.message_id for mail in new]) if new else set()
        for mail in new:
            thread = self._find_thread(mail)
            if thread is not None and mail.message_id in allowed and mail.reply_to:
                self._ours.setdefault((thread, mail.recipient.endswith("@desk.example")), []).append(mail)

    def _find_thread(self, mail: Ours) -> int | None:
        found = NAMED.search(f"{mail.refers} {mail.subject}")
        if found is None:
            return None
        return self._threads[int(found[1])] if found[1] else int(found[2])

    def _hand_in(self, step: Step) -> None:
        arrived = self._arrived(step) if step.act in ANSWERS else []
        if step.act is Act.AGAIN and step.of is not None:
            letter = self._letters[step.of]
        else:
            letter = write(step, self.plan[step.thread], self.dice.choice(arrived) if arrived else None)
        self._letters[step.number] = letter
        with smtplib.SMTP("127.0.0.1", self.server.smtp_port, "localhost", timeout=TIMEOUT_SECONDS) as client:
            client.sendmail(letter.sender, [letter.recipient], letter.raw)
        self.fed.append(step)
