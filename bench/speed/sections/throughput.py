"""The main figure: a full mailbox taken in by the desk as it ships, between floors measured on the same mails."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.speed.check import Verdict, check
from bench.speed.floors.figures import Floor
from bench.speed.floors.pair import floor_d
from bench.speed.floors.single import floor_c, floors
from bench.speed.mails import Mail
from bench.speed.report import memory_table, table, verdict_lines
from bench.speed.sections.peer import Peer
from bench.speed.sections.peer import measure as measure_peer
from bench.speed.stage.desk import TimedRun, measure_intake, running_processes
from bench.speed.stage.servers import Desk, Stage, append_mails, migrated_desk

# Beat rings for no poll while the mailbox is being filled.
POLL_DAILY: Mapping[str, str] = {"SUPPORTDESK_MAILBOX__SUPPORT__POLL_EVERY_SECONDS": "86400"}


@dataclass(frozen=True, slots=True)
class Throughput:
    """The floors, of which c was measured before and after, the run, and whether each mail became what it should."""

    floors: Sequence[Floor]
    megabytes: float
    run: TimedRun
    verdict: Verdict
    peer: Peer | None

    @property
    def floor_c(self) -> float:
        """Mails a second of floor c: the mean of both."""
        rates = [floor.rate for floor in self.floors if floor.letter == "c"]
        return sum(rates) / len(rates)


def measure(stage: Stage, mails: Sequence[Mail], *, workers: int = 2, helpdesk: Path | None = None) -> Throughput:
    """Fill a mailbox, measure the floors on it, let the desk take it in, and measure floor c again.

    `helpdesk` is an interpreter that has django-helpdesk, which then takes in the same mails.
    """
    with migrated_desk(stage, "floors", POLL_DAILY) as desk:
        append_mails(desk, mails)
        before = [*floors(desk), floor_d(desk, mails)]
    with taken_in(stage, mails, workers) as (desk, run):
        measured = [*before, floor_c(desk), floor_d(desk, mails)]
        verdict = check(desk.services.engine, mails)
    peer = measure_peer(stage, helpdesk, mails) if helpdesk else None
    return Throughput(measured, megabytes(mails), run, verdict, peer)


@contextmanager
def taken_in(stage: Stage, mails: Sequence[Mail], workers: int) -> Iterator[tuple[Desk, TimedRun]]:
    """A desk that has taken the mails in, without its processes, and what that took."""
    with migrated_desk(stage, "throughput", POLL_DAILY) as desk:
        with running_processes(desk, workers=workers):
            append_mails(desk, mails)
            run = measure_intake(desk, len(mails))
        yield desk, run


def megabytes(mails: Sequence[Mail]) -> float:
    """The size of all mails together."""
    return sum(len(mail.raw) for mail in mails) / 1e6


def tables(result: Throughput) -> Iterator[str]:
    """The desk beside its floors, what its processes cost, and their memory."""
    run = result.run
    yield f"{run.mails:,} mails, {result.megabytes:.0f} MB."
    head = (
        "",
        "",
        "mails a second",
        "the desk against it",
        "CPU ms a mail",
        "of it client",
        "the desk's CPU against it",
    )
    yield table(
        head,
        [
            (f"floor {one.letter}", one.what, one.rate, run.rate / one.rate, *_cpu(one, run.cpu_a_mail))
            for one in result.floors
        ],
    )
    if result.peer:
        yield _peer_table(result.peer, run)
    yield table(
        ("the desk", "seconds", "mails a second", "against floor c"),
        [
            (what, seconds, run.mails / seconds, run.mails / seconds / result.floor_c)
            for what, seconds in (
                ("stored in the ledger", run.polled),
                ("to tickets", run.decided),
                ("to notifications in the outbox", run.announced),
            )
        ],
    )
    cpu = sorted(run.cpu.items(), key=lambda one: -one[1])
    rows = [(name, 1000 * seconds / run.mails) for name, seconds in cpu]
    yield table(("process", "CPU ms a mail"), [*rows, ("all", run.cpu_a_mail)])
    yield memory_table(run.memory)
    yield from verdict_lines(result.verdict.mails, result.verdict.wrong)


def _cpu(floor: Floor, desk: float) -> tuple[float, float, float]:
    return floor.cpu_a_mail, floor.client, desk / floor.cpu_a_mail


def _peer_table(peer: Peer, run: TimedRun) -> str:
    took = peer.took
    head = ("", "mails a second", "the desk against it", "CPU ms a mail", "of it client", "the desk's CPU against it")
    figures = (took.rate, run.rate / took.rate, *_cpu(took, run.cpu_a_mail))
    return table((*head, "tickets", "follow-ups"), [(took.what, *figures, peer.tickets, peer.followups)])
