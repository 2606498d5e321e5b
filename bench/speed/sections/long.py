"""Whether a long run stays flat: the memory of each process after many mails, beside that after a tenth of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.speed.check import Verdict, check
from bench.speed.mails import SMALL, mailbox
from bench.speed.meter import Memory, memory
from bench.speed.report import table, verdict_lines
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.desk import measure_intake, running_processes
from bench.speed.stage.servers import Stage, append_mails, migrated_desk

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
    with migrated_desk(stage, "long", POLL_DAILY, agents=count // MAILS_AN_AGENT) as desk, running_processes(desk):
        append_mails(desk, mails[:early])
        measure_intake(desk, early)
        before = memory()
        append_mails(desk, mails[early:])
        measure_intake(desk, count - early)
        return Long(early, count, before, memory(), check(desk.services.engine, mails))


def tables(result: Long) -> Iterator[str]:
    """Resident memory then and at the end, the largest processes of each name beside each other."""
    then = {one.name: one.now for one in result.before}
    head = ("process", f"MB after {result.early:,} mails", f"MB after {result.mails:,}", "ratio", "peak MB")
    yield table(
        head,
        [
            (one.name, round(then[one.name]), round(one.now), one.now / then[one.name], round(one.peak))
            for one in result.after
            if then.get(one.name)
        ],
    )
    yield from verdict_lines(result.verdict.mails, result.verdict.wrong)
