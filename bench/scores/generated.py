"""Scores on generated mails, for which no corpus is needed: answers to our own mails, persons, automatic answers."""

from collections import Counter
from collections.abc import Iterator

from bench.scores.figures import Figure, figure
from bench.scores.generate.automatic import automatic_answers
from bench.scores.generate.persons import persons_mails
from bench.scores.replies import by_layers, by_sent, figures_of, judged_answers
from mail.inbound.message import InboundMail, MailKind
from mail.inbound.parse import parse

UNKNOWN = 1_000
GERMAN = 500
PROGRAMS_MAILS = frozenset({MailKind.AUTOMATIC, MailKind.BOUNCE, MailKind.REPORT, MailKind.RECEIPT})


def score_answers() -> Iterator[Figure]:
    """Yield what is found of answers to our own mails: cut by what we sent, and by the layers alone.

    What we sent is asked again where our mails are in German, and the layers where they know no word.
    """
    yield from figures_of("cut by what we sent", judged_answers(by_sent), {"exact": 99, "nothing lost": 100})
    german = judged_answers(by_sent, GERMAN, ours="de")
    yield from figures_of("in German, cut by what we sent", german, {"exact": 99, "nothing lost": 100})
    yield from figures_of("by the layers alone", judged_answers(by_layers), {"exact": None, "nothing lost": None})
    unknown = judged_answers(by_layers, UNKNOWN, unknown=True)
    yield from figures_of("by the layers alone, in no language", unknown, {"exact": None, "nothing lost": None})


def score_persons() -> Iterator[Figure]:
    """Yield the share of persons' mails that are taken for persons', though they hold a program's words."""
    verdicts = [(name, not is_programs(parse(raw))) for name, raw in persons_mails()]
    yield figure("generated persons' mails", "neither automatic nor bounce", verdicts, 100)


def score_programs() -> Iterator[Figure]:
    """Yield the share of automatic answers that are found, over all programs and languages."""
    verdicts = [(name, parse(raw).kind is MailKind.AUTOMATIC) for name, raw in automatic_answers()]
    yield figure("generated automatic answers", "found", verdicts, 97)


def is_programs(mail: InboundMail) -> bool:
    """Whether a mail would be dropped as a program's."""
    return mail.kind in PROGRAMS_MAILS


def kinds_missed() -> str:
    """Return which persons and which automatic answers are taken for others, for those who mend the rules."""
    persons = [(name, mail) for name, raw in persons_mails() if is_programs(mail := parse(raw))]
    answers = [(name, mail) for name, raw in automatic_answers() if (mail := parse(raw)).kind is not MailKind.AUTOMATIC]
    reasons = Counter(f"{mail.kind}: {str(mail.automatic)[:60]}" for _, mail in persons)
    programs = Counter(f"{name.partition('/')[0]} -> {mail.kind}" for name, mail in answers)
    told = [
        f"{len(persons)} persons taken for programs:",
        *(f"  {times:5} {why}" for why, times in reasons.most_common(40)),
    ]
    told += [f"    {name} -> {mail.kind}, {mail.automatic}" for name, mail in persons[:60]]
    told += [f"{len(answers)} automatic answers not found:", *(f"  {times:5} {why}" for why, times in programs.items())]
    told += [f"    {name} {mail.subject!r}" for name, mail in answers]
    return "\n".join(told)
