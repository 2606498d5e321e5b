"""Whether a long run stays flat: the memory of each process after many mails, beside that after a tenth of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.speed.check import Verdict, check
from bench.speed.desk import take_in, working
from bench.speed.mails import SMALL, mailbox
from bench.speed.meter import Memory, memory
from bench.speed.report import table, wrongs
from bench.speed.sections.throughput import RARELY
from bench.speed.servers import Stage, a_desk, deliver

TENTH = 10
# So many that nobody of them reaches the cap of 200 notices an hour.
MAILS_AN_AGENT = 100


@dataclass(frozen=True, slots=True)
class Long:
    """The memory of the processes after a tenth of the mails and after all of them."""

    early: int
    mails: int
    before: Sequence[Memory]
    after: Sequence[Memory]
    verdict: Verdict


def measure(stage: Stage, seed: int, count: int) -> Long:
    """Take in small mails: first a tenth of so many, then the rest."""
    mails, early = mailbox(seed, replace(SMALL, count=count, label="long")), count // TENTH
    with a_desk(stage, "long", RARELY, agents=count // MAILS_AN_AGENT) as desk, working(desk):
        deliver(desk, mails[:early])
        take_in(desk, early)
        before = memory()
        deliver(desk, mails[early:])
        take_in(desk, count - early)
        return Long(early, count, before, memory(), check(desk.services.engine, mails))


def tables(found: Long) -> Iterator[str]:
    """Resident memory then and at the end, the largest processes of each name beside each other."""
    then = {one.name: one.now for one in found.before}
    head = ("process", f"MB after {found.early:,} mails", f"MB after {found.mails:,}", "ratio", "peak MB")
    yield table(
        head,
        [
            (one.name, round(then[one.name]), round(one.now), one.now / then[one.name], round(one.peak))
            for one in found.after
            if then.get(one.name)
        ],
    )
    yield from wrongs(found.verdict.mails, found.verdict.wrong)
