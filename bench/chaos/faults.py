"""The faults that the proxies make, and what they wrote down of the mails that passed."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from bench.chaos.mails import DeskMail

# How many of a hundred IMAP connections are cut.
IN_LITERAL, AT_START = 30, 10


class Point(StrEnum):
    """Where an SMTP connection is cut."""

    BEFORE_MAIL = "before MAIL"
    AFTER_RCPT = "behind RCPT"
    AFTER_GO_ON = "behind the 354"
    IN_BODY = "within DATA"
    AFTER_DOT = "behind the last dot"
    IN_ANSWER = "within the last answer"


# How many mails that go out for the first time begin a cut at each of these points, of a hundred.
AT_POINT = 0.7


@dataclass(slots=True)
class TakenMail:
    """A mail that the SMTP server took: when (monotonic), and whether the answer to the client was cut off.

    `client` is the id of the process that sent it. `left_at` is when its connection ended without a further word after
    this mail.
    """

    mail: DeskMail
    at: float
    cut: bool
    left_at: float | None = None
    client: int = 0


@dataclass(slots=True)
class Faults:
    """The faults that the proxies make while `armed`.

    They are counted by kind in `done`. `taken` are the mails that passed, and `tried` the envelope senders of all mails
    that were begun, of which each has its own.
    """

    dice: random.Random
    armed: bool = True
    done: Counter[str] = field(default_factory=Counter)
    taken: list[TakenMail] = field(default_factory=list)
    tried: set[bytes] = field(default_factory=set)
    most_open: int = 0

    def strikes(self, percent: float) -> bool:
        """True in so many percent of all calls, and never while not armed."""
        return self.armed and self.dice.random() * 100 < percent
