"""One mail of 25 MB: how much memory each process takes for it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Thread

from bench.speed.check import Verdict, check
from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.meter import Memory, memory, reset_peaks
from bench.speed.report import memory_table, verdict_lines
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.desk import TimedRun, measure_intake, running_processes
from bench.speed.stage.servers import Stage, append_mails, migrated_desk
from bench.speed.stage.sink import running_sink

# As base64 it is a mail of 25 MB.
FILE_BYTES = 25_000_000 * 57 // 78
ORDINARY = 40
# A child that took much gives way to a new one once its task is done, and its peak ends with it.
LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Large:
    """The size of the mail in megabytes, the memory before and after it, and how long it took."""

    megabytes: float
    before: Sequence[Memory]
    run: TimedRun
    verdict: Verdict


def large_mail(seed: int) -> Mail:
    """One mail with one large file."""
    size = (FILE_BYTES, FILE_BYTES)
    recipe = Recipe(count=1, replies=0, html=1, html_alone=0.1, files=1, file_size=size, label="large")
    return mailbox(seed, recipe)[0]


def measure(stage: Stage, seed: int) -> Large:
    """Take in some ordinary mails, and then the large one, with an SMTP server that takes what comes of it."""
    ordinary, large = mailbox(seed, Recipe(count=ORDINARY, label="ordinary")), large_mail(seed)
    with (
        migrated_desk(stage, "large", POLL_DAILY) as desk,
        running_sink(desk.folder, stage.smtp_port),
        running_processes(desk),
    ):
        append_mails(desk, ordinary)
        measure_intake(desk, ORDINARY)
        before = memory()
        reset_peaks()
        append_mails(desk, [large])
        with watched_peaks() as peaks:
            run = measure_intake(desk, 1)
        run = replace(run, memory=[replace(one, peak=max(one.peak, peaks.get(one.name, 0.0))) for one in run.memory])
        return Large(len(large.raw) / 1e6, before, run, check(desk.services.engine, [large]))


@contextmanager
def watched_peaks() -> Iterator[dict[str, float]]:
    """The highest peak of each name of a process in megabytes, also of processes that end meanwhile."""
    peaks: dict[str, float] = {}
    over = Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            for one in memory():
                peaks[one.name] = max(peaks.get(one.name, 0.0), one.peak)

    watching = Thread(target=look)
    watching.start()
    try:
        yield peaks
    finally:
        over.set()
        watching.join()


def tables(result: Large) -> Iterator[str]:
    """Memory for one large mail."""
    yield f"One mail of {result.megabytes:.0f} MB, announced after {result.run.announced:.1f} s."
    yield memory_table(result.run.memory)
    yield from verdict_lines(1, result.verdict.wrong)
