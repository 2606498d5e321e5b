"""Whether it stays fast: the same mails on a desk that is new, and on desks of years with their tickets and mails."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from bench.speed.check import Verdict, check
from bench.speed.floors.single import floor_c
from bench.speed.mails import Mail
from bench.speed.report import table, verdict_lines
from bench.speed.sections.fill import fill
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.desk import TimedRun, measure_intake, running_processes
from bench.speed.stage.servers import Stage, append_mails, migrated_desk

SIZES = (0, 100_000, 1_000_000)
MEGABYTES = "SELECT pg_database_size(current_database()) / 1e6"


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """The mails on a desk with so many tickets: its size, floor c before and after, the run, and the check."""

    tickets: int
    megabytes: float
    floor: float
    run: TimedRun
    verdict: Verdict


def sizes(most: int) -> list[int]:
    """The numbers of tickets to measure at, the largest of them as given."""
    return [*(size for size in SIZES if size < most), most]


def measure(stage: Stage, mails: Sequence[Mail], most: int, *, workers: int) -> list[GrowthPoint]:
    """Take the mails in at each size."""
    return [_measure_at(stage, mails, tickets, workers) for tickets in sizes(most)]


def _measure_at(stage: Stage, mails: Sequence[Mail], tickets: int, workers: int) -> GrowthPoint:
    with migrated_desk(stage, f"growth{tickets}", POLL_DAILY) as desk:
        fill(desk.services.engine, tickets)
        stage.administer("CHECKPOINT")
        with running_processes(desk, workers=workers):
            # Not before beat has rung for its first poll.
            append_mails(desk, mails)
            before = floor_c(desk).rate
            run = measure_intake(desk, len(mails))
        floor = (before + floor_c(desk).rate) / 2
        with desk.services.engine.connect() as connection:
            size = float(connection.execute(text(MEGABYTES)).scalar_one())
        return GrowthPoint(tickets, size, floor, run, check(desk.services.engine, mails))


def tables(result: Sequence[GrowthPoint]) -> Iterator[str]:
    """The rate at each size beside that of the new desk; floor c tells how fast the machine was meanwhile."""
    new = result[0]
    head = ("tickets", "mails a second", "against none", "floor c", "against floor c", "CPU ms a mail", "database MB")
    yield table(
        head,
        [
            (
                f"{one.tickets:,}",
                one.run.rate,
                one.run.rate / new.run.rate,
                one.floor,
                one.run.rate / one.floor,
                one.run.cpu_a_mail,
                one.megabytes,
            )
            for one in result
        ],
    )
    yield from verdict_lines(
        sum(one.verdict.mails for one in result), [wrong for one in result for wrong in one.verdict.wrong]
    )
