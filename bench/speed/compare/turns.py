"""Two trees in turn, claim by claim: the same mails on the same servers, in two processes that live throughout."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.speed.compare.ratios import Ratio, ratio_of
from bench.speed.mails import Mail
from bench.speed.meter import running_seconds
from bench.speed.report import table
from bench.speed.stage.child import Child, ready_child
from bench.speed.stage.servers import (
    FEWEST_AGENTS,
    Stage,
    agent_names,
    environment,
    fill_mailbox,
    libpq_url,
    mailbox_user,
)
from bench.speed.stage.sink import running_sink
from bench.speed.stage.tree import Tree

# Notices that one turn sends: so many that opening connections is a small part of it.
SENT_AT_ONCE = 50
# A turn with no time left does one claim.
ONE_CLAIM = 0.0
PLENTY = 60.0
HOLD = "UPDATE mail.outbox SET due_at = now() + interval '1 day' WHERE fate IS NULL"
RELEASE = """
UPDATE mail.outbox SET due_at = now()
WHERE id IN (SELECT id FROM mail.outbox WHERE fate IS NULL AND due_at > now() ORDER BY id LIMIT %s)
"""
BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
"""
UNDECIDED = "SELECT count(*) FROM mail.ledger WHERE fate IS NULL"
UNANNOUNCED = "SELECT count(*) FROM mail.event WHERE fate IS NULL"
UNSENT = "SELECT count(*) FROM mail.outbox WHERE fate IS NULL"
FATES = """
SELECT (SELECT count(*) FROM mail.ledger WHERE fate = 'applied'), (SELECT count(*) FROM mail.outbox WHERE fate = 'sent')
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn took: mails or notices, seconds, and CPU seconds of the process and of its PostgreSQL sessions."""

    done: int
    seconds: float
    client: float
    database: float


@dataclass(frozen=True, slots=True)
class Party:
    """One tree's process, the connection by which we look at its database, and its turns at each stage."""

    tree: Tree
    child: Child
    database: psycopg.Connection[tuple[Any, ...]]
    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def say(self, line: str) -> Mapping[str, Any]:
        """Let it do something; what it tells of it."""
        self.child.tell(line)
        answer: Mapping[str, Any] = json.loads(self.child.hear("{"))
        return answer

    def take_turn(self, stage: str, seconds: float, done: int | None = None) -> Turn:
        """Let it work at a stage; `done` is how much that is where it does not tell itself."""
        before = self._database_seconds()
        told = self.say(f"{stage} {seconds}")
        after = self._database_seconds()
        spent = sum(after[pid] - before.get(pid, 0.0) for pid in after)
        turn = Turn(told["done"] if done is None else done, told["seconds"], told["cpu"], spent)
        self.turns.setdefault(stage, []).append(turn)
        return turn

    def count(self, statement: str) -> int:
        """The number that a statement gives."""
        row = self.database.execute(statement.encode()).fetchone()
        return int(row[0]) if row else 0

    def _database_seconds(self) -> dict[int, float]:
        return {pid: running_seconds(pid) for (pid,) in self.database.execute(BACKENDS)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of each stage and each kind of cost the ratio; what each tree made of the mails, which must be alike."""

    mails: int
    trees: tuple[str, str]
    ratios: Mapping[tuple[str, str], Ratio]
    made: Sequence[tuple[int, int]]

    @property
    def sound(self) -> bool:
        """Whether each mail became something in both trees, and as many notices were sent by both."""
        return len(set(self.made)) == 1 and self.made[0][0] == self.mails


COSTS: Mapping[str, Callable[[Turn], float]] = {
    "CPU of the process": lambda turn: turn.client / turn.done,
    "CPU of PostgreSQL": lambda turn: turn.database / turn.done,
    "CPU of both": lambda turn: (turn.client + turn.database) / turn.done,
    "wall": lambda turn: turn.seconds / turn.done,
}


def measure(stage: Stage, other: Tree, ours: Tree, mails: Sequence[Mail]) -> Comparison:
    """Take the mails in, announce and deliver them with both trees, which take turns."""
    with running_sink(stage.folder, stage.smtp_port), ExitStack() as started:
        parties = [started.enter_context(_party(stage, tree, name, mails)) for name, tree in _named(other, ours)]
        _in_turn(parties, "intake", UNDECIDED)
        _in_turn(parties, "announce", UNANNOUNCED)
        for party in parties:
            party.database.execute(HOLD)
        _in_turn(parties, "deliver", UNSENT)
        made = [party.database.execute(FATES).fetchone() or (0, 0) for party in parties]
    ratios = {
        (name, what): ratio_of([(cost(turn), cost(our_turn)) for turn, our_turn in pairs])
        for name in parties[0].turns
        if (pairs := _pairs(parties, name))
        for what, cost in COSTS.items()
    }
    return Comparison(len(mails), (other.name, ours.name), ratios, [(row[0], row[1]) for row in made])


def _pairs(parties: Sequence[Party], stage: str) -> list[tuple[Turn, Turn]]:
    """The turns at a stage that both trees took with something to do."""
    theirs, ours = (party.turns.get(stage, []) for party in parties)
    return [(turn, our_turn) for turn, our_turn in zip(theirs, ours, strict=True) if turn.done and our_turn.done]


def _named(other: Tree, ours: Tree) -> tuple[tuple[str, Tree], tuple[str, Tree]]:
    return ("compare_other", other), ("compare_ours", ours)


@contextmanager
def _party(stage: Stage, tree: Tree, name: str, mails: Sequence[Mail]) -> Iterator[Party]:
    """A tree's process on a desk of its own, which has polled the mails."""
    stage.administer(f"CREATE DATABASE {name}")
    try:
        environ = environment(stage, name, {}) | tree.settings
        url = libpq_url(make_url(stage.database_url).set(database=name).render_as_string(hide_password=False))
        with (
            ready_child(tree.name, tree.runner, environ=environ) as child,
            psycopg.connect(url, autocommit=True) as database,
        ):
            party = Party(tree, child, database)
            party.say(f"prepare {' '.join(agent_names(FEWEST_AGENTS))}")
            fill_mailbox(stage, mailbox_user(name), mails)
            party.say("poll")
            yield party
    finally:
        stage.administer(f"DROP DATABASE {name} WITH (FORCE)")


def _in_turn(parties: Sequence[Party], stage: str, left: str) -> None:
    """A B B A and so on, a claim each, until one of them has nothing left; the other does the rest unmeasured."""
    order = list(parties)
    while all(party.count(left) for party in parties):
        turns = [_turn(party, stage) for party in order]
        if not any(turn.done for turn in turns):
            # What is left waits for something.
            break
        order.reverse()
    for party in parties:
        party.say(f"{stage} {PLENTY}")


def _turn(party: Party, stage: str) -> Turn:
    if stage != "deliver":
        return party.take_turn(stage, ONE_CLAIM)
    released = party.database.execute(RELEASE, [SENT_AT_ONCE]).rowcount
    return party.take_turn(stage, PLENTY, released)


def tables(result: Comparison) -> Iterator[str]:
    """For each stage and cost what one mail or notice takes in both trees, and the ratio with its spread."""
    other, ours = result.trees
    head = ("", f"ms, {other}", f"ms, {ours}", "ratio", "quartiles", "95 % interval", "pairs")
    yield table(
        head,
        [
            (
                f"{stage}, {what}",
                1000 * one.other,
                1000 * one.ours,
                one.middle,
                " to ".join(f"{end:.2f}" for end in one.quartiles),
                " to ".join(f"{end:.2f}" for end in one.interval),
                one.pairs,
            )
            for (stage, what), one in result.ratios.items()
        ],
    )
    yield f"For a mail of intake, a ticket's news of announcing, a notice of delivery. Above 1 {ours} takes less."
    made = [f"{mails:,} applied and {sent:,} notices sent" for mails, sent in result.made]
    yield f"{result.mails:,} mails: {made[0]} by {other}, {made[1]} by {ours}."
