"""How fast the desk is, and how much it takes: measured on real servers and processes, beside floors on the same mails.

usage: python -m bench.speed [--only SECTION ...] [--mails N] [--seed N] [--write FILE] ...

Nothing leaves this machine. It ends with status 1 where a mail did not become what it should.
"""

import argparse
import platform
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.report import blocks, machine, write
from bench.speed.sections import delivery, growth, idle, large, latency, long, steps, throughput
from bench.speed.servers import Stage, set_stage


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; the options tell what each is."""

    mails: int
    seed: int
    workers: int
    latency: int
    mailboxes: int
    idle_seconds: int
    most_tickets: int
    long: int
    helpdesk: Path | None
    profile: Path | None

    def mailbox(self) -> list[Mail]:
        """The mails that most sections share."""
        return mailbox(self.seed, Recipe(count=self.mails))


@dataclass(frozen=True, slots=True)
class Section:
    """A section as Markdown, and whether all was as it should be."""

    text: str
    sound: bool


def main() -> None:
    """Measure what is wanted, print it, and write it where asked."""
    options = _parser().parse_args()
    # Whoever ends this process ends all that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if options.write:
        # Better now than after hours.
        blocks(options.write, options.only or SECTIONS)
    wanted = Wanted(**{name: getattr(options, name) for name in Wanted.__dataclass_fields__})
    with tempfile.TemporaryDirectory(prefix="supportdesk-speed-") as folder, set_stage(Path(folder)) as stage:
        sound = [_measure(stage, wanted, name, options.write) for name in options.only or SECTIONS]
    raise SystemExit(0 if all(sound) else 1)


def _measure(stage: Stage, wanted: Wanted, name: str, file: Path | None) -> bool:
    """Measure one section and print it at once, so that a later one that fails takes nothing with it."""
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    section = SECTIONS[name](stage, wanted)
    head = f"{moment}, CPython {platform.python_version()}, {stage.imap.name}, {machine()}."
    text = f"{head} `python -m bench.speed {_command_line(sys.argv[1:])}`\n\n{section.text}"
    print(f"\n## {name.title()}\n\n{text}", flush=True)
    if file:
        write(file, name, text)
    return section.sound


def _parser() -> argparse.ArgumentParser:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=summary)
    for name, usual, what in COUNTS:
        parser.add_argument(f"--{name}", type=int, default=usual, metavar="N", help=f"{what} ({usual:,})")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=" ".join(SECTIONS))
    python = "an interpreter that has django-helpdesk, to be measured on the same mails"
    parser.add_argument("--django-helpdesk", dest="helpdesk", type=Path, metavar="PYTHON", help=python)
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="for cProfile's files of the section stages")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put each section into its marked block of a file")
    return parser


def _throughput(stage: Stage, wanted: Wanted) -> Section:
    mails = wanted.mailbox()
    found = throughput.measure(stage, mails, workers=wanted.workers, helpdesk=wanted.helpdesk)
    return _section(throughput.tables(found), sound=not found.verdict.wrong)


def _stages(stage: Stage, wanted: Wanted) -> Section:
    found = steps.measure(stage, wanted.mailbox(), wanted.profile)
    return _section(steps.tables(found), sound=not found.verdict.wrong)


def _latency(stage: Stage, wanted: Wanted) -> Section:
    found = list(latency.measure(stage, wanted.seed, wanted.latency))
    return _section(latency.tables(found), sound=all(one.told[-1] < float("inf") for one in found))


def _delivery(stage: Stage, wanted: Wanted) -> Section:
    found = delivery.measure(stage, wanted.mailbox())
    return _section(delivery.tables(found), sound=found.sound)


def _large(stage: Stage, wanted: Wanted) -> Section:
    found = large.measure(stage, wanted.seed)
    return _section(large.tables(found), sound=not found.verdict.wrong)


def _idle(stage: Stage, wanted: Wanted) -> Section:
    return _section(idle.tables(idle.measure(stage, wanted.mailboxes, wanted.idle_seconds)), sound=True)


def _growth(stage: Stage, wanted: Wanted) -> Section:
    found = growth.measure(stage, wanted.mailbox(), wanted.most_tickets, workers=wanted.workers)
    return _section(growth.tables(found), sound=not any(one.verdict.wrong for one in found))


def _long(stage: Stage, wanted: Wanted) -> Section:
    found = long.measure(stage, wanted.seed, wanted.long)
    return _section(long.tables(found), sound=not found.verdict.wrong)


def _section(parts: Iterable[str], *, sound: bool) -> Section:
    return Section("\n\n".join(parts), sound)


COUNTS = (
    ("mails", 2_000, "mails in the mailbox that most sections share"),
    ("seed", 1, "seed of all mailboxes"),
    ("workers", 2, "workers on the queue desk"),
    ("latency", 60, "mails whose latency is measured, with watch and without"),
    ("mailboxes", 300, "mailboxes that are idle"),
    ("idle-seconds", 180, "seconds for which they are looked at"),
    ("most-tickets", 1_000_000, "tickets of the fullest desk of growth"),
    ("long", 20_000, "mails of the long run"),
)
SECTIONS: dict[str, Callable[[Stage, Wanted], Section]] = {
    "throughput": _throughput,
    "stages": _stages,
    "latency": _latency,
    "delivery": _delivery,
    "large": _large,
    "idle": _idle,
    "growth": _growth,
    "long": _long,
}


def _command_line(words: Sequence[str]) -> str:
    """The command's words as they stand on the page, without the paths of this machine."""
    paths = [number + 1 for number, word in enumerate(words) if word in {"--django-helpdesk", "--profile"}]
    return shlex.join("PATH" if number in paths else word for number, word in enumerate(words))


if __name__ == "__main__":
    main()
