"""One mail of 25 MB: how much memory each process takes for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.speed.check import Verdict, check
from bench.speed.desk import Ran, take_in, working
from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.meter import Memory, forget_peaks, memory
from bench.speed.report import memories, wrongs
from bench.speed.sections.throughput import RARELY
from bench.speed.servers import Stage, a_desk, deliver
from bench.speed.sink import running_sink

# As base64 it is a mail of 25 MB.
FILE_BYTES = 25_000_000 * 57 // 78
ORDINARY = 40


@dataclass(frozen=True, slots=True)
class Large:
    """The size of the mail in megabytes, the memory before and after it, and how long it took."""

    megabytes: float
    before: Sequence[Memory]
    ran: Ran
    verdict: Verdict


def large_mail(seed: int) -> Mail:
    """One mail with one large file."""
    size = (FILE_BYTES, FILE_BYTES)
    recipe = Recipe(count=1, replies=0, html=1, html_alone=0.1, files=1, file_size=size, label="large")
    return mailbox(seed, recipe)[0]


def measure(stage: Stage, seed: int) -> Large:
    """Take in some ordinary mails, and then the large one, with an SMTP server that takes what comes of it."""
    ordinary, large = mailbox(seed, Recipe(count=ORDINARY, label="ordinary")), large_mail(seed)
    with a_desk(stage, "large", RARELY) as desk, running_sink(desk.folder, stage.smtp_port), working(desk):
        deliver(desk, ordinary)
        take_in(desk, ORDINARY)
        before = memory()
        forget_peaks()
        deliver(desk, [large])
        ran = take_in(desk, 1)
        return Large(len(large.raw) / 1e6, before, ran, check(desk.services.engine, [large]))


def tables(found: Large) -> Iterator[str]:
    """Memory for one large mail."""
    yield f"One mail of {found.megabytes:.0f} MB, announced after {found.ran.announced:.1f} s."
    yield memories(found.ran.memory)
    yield from wrongs(1, found.verdict.wrong)
