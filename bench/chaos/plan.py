"""What is fed to a desk in chaos, and what must come of it: threads of mails, made from a seed and nothing else."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

AGENTS: Final = tuple(f"agent{number:02}@desk.example" for number in range(1, 49))
# Two threads a customer, so that first mails of one new sender meet.
THREADS_A_CUSTOMER: Final = 2
# Intake parks a domain's mail when it opened two hundred tickets within an hour; this many stay well below.
CUSTOMERS_A_DOMAIN: Final = 40


class Act(StrEnum):
    """What a mail is to its thread."""

    OPENS = "new mail"
    EARLY = "reply before its parent"
    PARENT = "parent after its reply"
    REPLY = "reply to a known Message-ID"
    SIGNED = "customer's answer to our address"
    ANSWER = "agent's answer"
    RESOLVES = "agent's answer with #resolve"
    AWAY = "automatic mail on a ticket"
    ROBOT = "automatic mail on no ticket"
    AGAIN = "the same mail under a new UID"


class Effect(StrEnum):
    """What a mail leaves in the database, once."""

    TICKET = "ticket"
    COMMENT = "comment"
    NOTE = "internal note"
    NOTHING = "nothing"


EFFECTS: Final[Mapping[Act, Effect]] = {
    Act.OPENS: Effect.TICKET,
    Act.EARLY: Effect.TICKET,
    Act.PARENT: Effect.COMMENT,
    Act.REPLY: Effect.COMMENT,
    Act.SIGNED: Effect.COMMENT,
    Act.ANSWER: Effect.COMMENT,
    Act.RESOLVES: Effect.COMMENT,
    Act.AWAY: Effect.NOTE,
    Act.ROBOT: Effect.NOTHING,
    Act.AGAIN: Effect.NOTHING,
}

# Of these two, whichever is decided first is the ticket.
EITHER: Final = frozenset({Act.EARLY, Act.PARENT})

# Who is told of it: two for a new ticket, else one; an answer with a command is itself answered as well.
TOLD: Final[Mapping[Act, int]] = {
    Act.OPENS: 2,
    Act.EARLY: 2,
    Act.PARENT: 1,
    Act.REPLY: 1,
    Act.SIGNED: 1,
    Act.ANSWER: 1,
    Act.RESOLVES: 2,
    Act.AWAY: 1,
    Act.ROBOT: 0,
    Act.AGAIN: 0,
}

# What follows in a thread, and how often beside the others.
FOLLOWING: Final[Mapping[Act, int]] = {
    Act.REPLY: 30,
    Act.SIGNED: 20,
    Act.ANSWER: 20,
    Act.RESOLVES: 10,
    Act.AGAIN: 12,
    Act.AWAY: 8,
}
BY_STAFF: Final = frozenset({Act.ANSWER, Act.RESOLVES})
# These are written when one of our mails about the ticket has arrived.
ANSWERS: Final = BY_STAFF | {Act.SIGNED}
# The loop breaker lets twenty mails pass between a customer and us in ten minutes; two threads stay below that.
LONGEST_TAIL: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One mail: `number` is its place in the whole plan, `thread` the number of its thread.

    `refers_to` is the number of the mail whose Message-ID it answers, or of which it is the same again.
    """

    number: int
    thread: int
    act: Act
    refers_to: int | None = None

    @property
    def marker(self) -> str:
        """A word that no other mail has in its text; the same mail again has the first one's."""
        return f"mark{self.refers_to if self.act is Act.AGAIN else self.number}x"

    @property
    def message_id(self) -> str:
        """The Message-ID, without angle brackets."""
        return f"{self.marker}@chaos.example"

    @property
    def effect(self) -> Effect:
        """What it leaves behind."""
        return EFFECTS[self.act]


@dataclass(frozen=True, slots=True)
class Thread:
    """The mails of one ticket in the order they are fed, and the customer who writes them."""

    number: int
    customer: str
    steps: tuple[Step, ...]

    @property
    def topic(self) -> str:
        """A word that stands in the subject of every mail about the ticket."""
        return f"topic{self.number}x"


def make_plan(seed: int, mails: int) -> tuple[Thread, ...]:
    """Threads with so many mails altogether, the same ones for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    threads: list[Thread] = []
    fed = 0
    while fed < mails:
        thread = _make_thread(dice, len(threads), fed, mails - fed)
        threads.append(thread)
        fed += len(thread.steps)
    return tuple(threads)


def _make_thread(dice: random.Random, number: int, first: int, most: int) -> Thread:
    acts = list(_choose_acts(dice))[:most]
    # A reply whose parent never comes opens a ticket as well; only the last thread can be cut like that.
    steps: list[Step] = []
    for act in acts:
        place = first + len(steps)
        steps.append(Step(place, number, act, _choose_reference(dice, act, steps, place)))
    customer = number // THREADS_A_CUSTOMER
    return Thread(number, f"customer{customer}@shop{customer // CUSTOMERS_A_DOMAIN}.example", tuple(steps))


def _choose_acts(dice: random.Random) -> Iterator[Act]:
    start = dice.random()
    if start < 0.15:
        yield Act.ROBOT
        return
    yield from (Act.EARLY, Act.PARENT) if start < 0.30 else (Act.OPENS,)
    acts, weights = tuple(FOLLOWING), tuple(FOLLOWING.values())
    yield from dice.choices(acts, weights, k=dice.randint(1, LONGEST_TAIL))


def _choose_reference(dice: random.Random, act: Act, before: list[Step], place: int) -> int | None:
    if act is Act.EARLY:
        return place + 1
    if act is Act.AGAIN:
        return dice.choice([step.number for step in before if step.act is not Act.AGAIN])
    if act in {Act.REPLY, Act.AWAY}:
        customers = [step.number for step in before if step.act not in BY_STAFF and step.act is not Act.AGAIN]
        return dice.choice(customers)
    return None
