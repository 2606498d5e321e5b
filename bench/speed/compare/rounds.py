"""Sections of the benchmark run with two trees in turn, each time with a desk and processes of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from bench.speed.check import check
from bench.speed.mails import Mail
from bench.speed.report import table
from bench.speed.sections import end_to_end, throughput
from bench.speed.stage.servers import Stage
from bench.speed.stage.tree import Tree


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: what was measured, mails a second, CPU milliseconds a mail of all processes, and what went wrong."""

    what: str
    rate: float
    cpu: float
    wrong: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rounds:
    """All runs of both trees, in the order in which they were made."""

    mails: int
    trees: tuple[str, str]
    runs: Sequence[tuple[str, Figures]]

    @property
    def wrong(self) -> list[str]:
        """A sentence for each mail of any run that did not become what it should."""
        return [f"{tree}: {sentence}" for tree, one in self.runs for sentence in one.wrong]


def measure(stage: Stage, other: Tree, ours: Tree, mails: Sequence[Mail], only: Sequence[str], workers: int) -> Rounds:
    """Run each section four times: the other tree, ours twice, and the other tree again."""
    runs = [
        (tree.name, one)
        for name in only
        for tree in (other, ours, ours, other)
        for one in SECTIONS[name](replace(stage, tree=tree), mails, workers)
    ]
    return Rounds(len(mails), (other.name, ours.name), runs)


def _throughput(stage: Stage, mails: Sequence[Mail], workers: int) -> Iterator[Figures]:
    with throughput.taken_in(stage, mails, workers) as (desk, run):
        yield Figures("to the outbox", run.rate, run.cpu_a_mail, check(desk.services.engine, mails).wrong)


def _end_to_end(stage: Stage, mails: Sequence[Mail], workers: int) -> Iterator[Figures]:
    for delay in end_to_end.SINKS:
        one = end_to_end.measure_one(stage, mails, delay, workers=workers)
        yield Figures(f"end to end, {end_to_end.server_name(delay)}", one.rate, one.cpu_a_mail, one.verdict.wrong)


SECTIONS: Mapping[str, Callable[[Stage, Sequence[Mail], int], Iterator[Figures]]] = {
    "throughput": _throughput,
    "end-to-end": _end_to_end,
}


def tables(result: Rounds) -> Iterator[str]:
    """Rate and CPU of both trees at each measurement, in means, and their ratios."""
    other, ours = result.trees
    yield table(
        ("", f"mails a second, {other}", ours, "ratio", f"CPU ms a mail, {other}", ours, "ratio"),
        [_row(result, what) for what in dict.fromkeys(one.what for _, one in result.runs)],
    )
    yield f"{result.mails:,} mails, each figure the mean of two runs. Above 1 {ours} is faster, or takes less."
    if result.wrong:
        yield "\n".join(["**Not all became what it should:**", "", *result.wrong[:10]])


def _row(result: Rounds, what: str) -> Sequence[object]:
    theirs, ours = ([one for tree, one in result.runs if one.what == what and tree == name] for name in result.trees)
    rates = [mean(one.rate for one in some) for some in (theirs, ours)]
    cpus = [mean(one.cpu for one in some) for some in (theirs, ours)]
    return what, *rates, rates[1] / rates[0], *cpus, cpus[0] / cpus[1]
