"""The mails of a desk at work, beside those of throughput: three of ten are answers by token, commands and the like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.speed.check import Verdict, check
from bench.speed.mails import Recipe, mailbox
from bench.speed.report import table, verdict_lines
from bench.speed.sections.first_round import count_of, with_others
from bench.speed.sections.second_round import SHARES, second_round
from bench.speed.sections.throughput import POLL_DAILY, taken_in
from bench.speed.stage.desk import TimedRun, measure_intake, running_processes
from bench.speed.stage.servers import Stage, append_mails, migrated_desk


@dataclass(frozen=True, slots=True)
class Mixed:
    """Today's mails in one run, and the mixed ones in two rounds, of which the second answers the first."""

    plain: TimedRun
    rounds: Sequence[TimedRun]
    verdict: Verdict


def measure(stage: Stage, seed: int, count: int, *, workers: int) -> Mixed:
    """Take so many mails of each mix in."""
    plain = mailbox(seed, Recipe(count=count))
    with taken_in(stage, plain, workers) as (desk, run):
        verdicts = [check(desk.services.engine, plain)]
    first = with_others(
        mailbox(seed, Recipe(count=count - count_of(sum(SHARES.values()), count), label="first")), count, seed
    )
    with migrated_desk(stage, "mixed", POLL_DAILY) as desk, running_processes(desk, workers=workers):
        append_mails(desk, first)
        rounds = [measure_intake(desk, len(first))]
        second = second_round(desk.services, first, count, seed)
        append_mails(desk, second)
        rounds.append(measure_intake(desk, len(second)))
        verdicts.append(check(desk.services.engine, [*first, *second]))
    return Mixed(
        run, rounds, Verdict(sum(one.mails for one in verdicts), [one for each in verdicts for one in each.wrong])
    )


def tables(result: Mixed) -> Iterator[str]:
    """Rate and CPU of both mixes."""
    mails = sum(one.mails for one in result.rounds)
    seconds = sum(one.announced for one in result.rounds)
    cpu = sum(sum(one.cpu.values()) for one in result.rounds)
    names = ("of it the first round", "of it the second round: answers, commands, bounces")
    yield table(
        ("", "mails", "mails a second", "against today's", "CPU ms a mail", "against today's"),
        [
            ("today's mix", *_row(result, result.plain.mails, result.plain.announced, sum(result.plain.cpu.values()))),
            ("the mixed one", *_row(result, mails, seconds, cpu)),
            *(
                (name, *_row(result, one.mails, one.announced, sum(one.cpu.values())))
                for name, one in zip(names, result.rounds, strict=True)
            ),
        ],
    )
    yield from verdict_lines(result.verdict.mails, result.verdict.wrong)


def _row(result: Mixed, mails: int, seconds: float, cpu: float) -> Sequence[object]:
    plain = result.plain
    milliseconds = 1000 * cpu / mails
    return mails, mails / seconds, mails / seconds / plain.rate, milliseconds, milliseconds / plain.cpu_a_mail
