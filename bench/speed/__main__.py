"""How fast the desk is, and how much it takes: measured on real servers and processes, beside floors on the same mails.

usage: python -m bench.speed [--only SECTION ...] [--mails N] [--seed N] [--write FILE] ...
       python -m bench.speed --compare REV [--only end-to-end throughput] ...

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

from bench.speed.compare import rounds, turns
from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.report import machine, require_blocks, write
from bench.speed.sections import delivery, end_to_end, growth, idle, large, latency, long, mixed, steps, throughput
from bench.speed.stage.servers import Stage, running_stage
from bench.speed.stage.tree import this_tree, tree_of


@dataclass(frozen=True, slots=True)
class Options:
    """The values of the command's options; `--help` says what each is."""

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
    """A section as Markdown, and whether each mail became what it should."""

    text: str
    sound: bool


def main() -> None:
    """Measure what is wanted, print it, and write it where asked."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.compare and not set(arguments.only or ()) <= rounds.SECTIONS.keys():
        parser.error(f"of the sections, --compare runs these alone: {', '.join(rounds.SECTIONS)}")
    # A signal that ends this process must end all that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if arguments.write:
        # A page without its blocks would be noticed only after hours.
        require_blocks(arguments.write, arguments.only or SECTIONS)
    options = Options(**{name: getattr(arguments, name) for name in Options.__dataclass_fields__})
    with tempfile.TemporaryDirectory(prefix="supportdesk-speed-") as folder, running_stage(Path(folder)) as stage:
        if arguments.compare:
            raise SystemExit(0 if _compare(stage, options, arguments.compare, arguments.only) else 1)
        sound = [_measure(stage, options, name, arguments.write) for name in arguments.only or SECTIONS]
    raise SystemExit(0 if all(sound) else 1)


def _measure(stage: Stage, options: Options, name: str, file: Path | None) -> bool:
    """Measure one section and print it at once, so that a later one that fails takes nothing with it."""
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    section = SECTIONS[name](stage, options)
    head = f"{moment}, CPython {platform.python_version()}, {stage.imap.name}, {machine()}."
    text = f"{head} `python -m bench.speed {_command_line(sys.argv[1:])}`\n\n{section.text}"
    print(f"\n## {name.title()}\n\n{text}", flush=True)
    if file:
        write(file, name, text)
    return section.sound


def _compare(stage: Stage, options: Options, revision: str, only: Sequence[str] | None) -> bool:
    """Let this tree and another take turns, print the ratios, and tell whether all was done by both."""
    ours, mails = this_tree(), options.mailbox()
    with tree_of(revision, stage.folder) as other:
        for tree in (other, ours):
            print(f"{tree.name}: {tree.require_own_code()}", flush=True)
        if only:
            result = rounds.measure(stage, other, ours, mails, only, options.workers)
            parts, sound = rounds.tables(result), not result.wrong
        else:
            compared = turns.measure(stage, other, ours, mails)
            parts, sound = turns.tables(compared), compared.sound
        print(f"\n{machine()}.\n\n{_section(parts, sound=sound).text}", flush=True)
    return sound


def _parser() -> argparse.ArgumentParser:
    summary = __doc__.splitlines()[0] if __doc__ else ""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=summary)
    for name, usual, what in COUNTS:
        parser.add_argument(f"--{name}", type=int, default=usual, metavar="N", help=f"{what} ({usual:,})")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=" ".join(SECTIONS))
    compared = "let this tree and REV, a commit or a checkout's folder, take turns, and print ratios"
    parser.add_argument("--compare", metavar="REV", help=compared)
    python = "an interpreter that has django-helpdesk, to be measured on the same mails"
    parser.add_argument("--django-helpdesk", dest="helpdesk", type=Path, metavar="PYTHON", help=python)
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="for cProfile's files of the section stages")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put each section into its marked block of a file")
    return parser


def _throughput(stage: Stage, options: Options) -> Section:
    mails = options.mailbox()
    result = throughput.measure(stage, mails, workers=options.workers, helpdesk=options.helpdesk)
    return _section(throughput.tables(result), sound=not result.verdict.wrong)


def _end_to_end(stage: Stage, options: Options) -> Section:
    result = end_to_end.measure(stage, options.mailbox(), workers=options.workers)
    return _section(end_to_end.tables(result), sound=not any(one.verdict.wrong for one in result))


def _mixed(stage: Stage, options: Options) -> Section:
    result = mixed.measure(stage, options.seed, options.mails, workers=options.workers)
    return _section(mixed.tables(result), sound=not result.verdict.wrong)


def _stages(stage: Stage, options: Options) -> Section:
    result = steps.measure(stage, options.mailbox(), options.profile)
    return _section(steps.tables(result), sound=not result.verdict.wrong)


def _latency(stage: Stage, options: Options) -> Section:
    result = list(latency.measure(stage, options.seed, options.latency))
    return _section(latency.tables(result), sound=all(one.notified[-1] < float("inf") for one in result))


def _delivery(stage: Stage, options: Options) -> Section:
    result = delivery.measure(stage, options.mailbox())
    return _section(delivery.tables(result), sound=result.sound)


def _large(stage: Stage, options: Options) -> Section:
    result = large.measure(stage, options.seed)
    return _section(large.tables(result), sound=not result.verdict.wrong)


def _idle(stage: Stage, options: Options) -> Section:
    return _section(idle.tables(idle.measure(stage, options.mailboxes, options.idle_seconds)), sound=True)


def _growth(stage: Stage, options: Options) -> Section:
    result = growth.measure(stage, options.mailbox(), options.most_tickets, workers=options.workers)
    return _section(growth.tables(result), sound=not any(one.verdict.wrong for one in result))


def _long(stage: Stage, options: Options) -> Section:
    result = long.measure(stage, options.seed, options.long)
    return _section(long.tables(result), sound=not result.verdict.wrong)


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
SECTIONS: dict[str, Callable[[Stage, Options], Section]] = {
    "throughput": _throughput,
    "end-to-end": _end_to_end,
    "mixed": _mixed,
    "stages": _stages,
    "latency": _latency,
    "delivery": _delivery,
    "large": _large,
    "idle": _idle,
    "growth": _growth,
    "long": _long,
}


def _command_line(words: Sequence[str]) -> str:
    """The command's arguments as they stand on the page, without the paths of this machine."""
    paths = [number + 1 for number, word in enumerate(words) if word in {"--django-helpdesk", "--profile"}]
    return shlex.join("PATH" if number in paths else word for number, word in enumerate(words))


if __name__ == "__main__":
    main()
