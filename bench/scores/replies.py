"""Answers to our own mails: whether the sender's own words come out exactly, and that none of them is lost.

Of what stands below the words, a program's footer must be taken off. A closing formula and a signature that the sender
set may stay or go. Where answers stand between quoted lines, the lines that they answer may stay with them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.scores.figures import Figure, figure
from bench.scores.generate.letters import letters
from bench.scores.generate.program import BETWEEN, INSIDE
from bench.scores.generate.replies import COUNT, Answer, answers
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from mail.outbound.catalogue import BASE_LANGUAGE
from mail.quoting.comparison import SentText, cut_by_sent
from mail.quoting.reply import Reply

# White space, and marks that a text made of HTML has and a bare one has not.
_MARKS = str.maketrans("", "", " \t\n\r\u00a0\u200b\ufeff*_|#<>\\-")
# Mails of ours that were sent on the same ticket besides the one that is answered.
OTHERS = 2
Reader = Callable[[InboundMail, Answer], Reply | InboundMail]


class Outcome(StrEnum):
    """What was found of an answer's own words."""

    EXACT = "exact"
    WITH_WHAT_IT_ANSWERS = "with what it answers"
    TOO_MUCH = "too much"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer with what was found of it."""

    answer: Answer
    outcome: Outcome
    reply: str


def by_layers(mail: InboundMail, answer: Answer) -> InboundMail:
    """Read an answer by the layers alone."""
    del answer
    return mail


def by_sent(mail: InboundMail, answer: Answer) -> Reply:
    """Read an answer by comparison with the mail that it answers and two others on the same ticket."""
    others = [letter for letter in letters(answer.letter.language) if letter is not answer.letter][:OTHERS]
    return cut_by_sent(mail, [SentText(letter.text, letter.html) for letter in (answer.letter, *others)])


def judge(answer: Answer, read: Reader) -> Judged:
    """Return what was found of one answer."""
    found = read(parse(answer.raw), answer)
    reply = found.reply
    bare = _bare(reply)
    at = 0
    for line in filter(None, map(_bare, "\n".join(answer.pieces).split("\n"))):
        at = bare.find(line, at)
        if at < 0:
            return Judged(answer, Outcome.LOST, reply)
        at += len(line)
    if bare in _wanted(answer):
        return Judged(answer, Outcome.EXACT, reply)
    if answer.kind[2] in {BETWEEN, INSIDE} and _without_quote(answer, reply) in _wanted(answer):
        return Judged(answer, Outcome.WITH_WHAT_IT_ANSWERS, reply)
    return Judged(answer, Outcome.TOO_MUCH, reply)


def _wanted(answer: Answer) -> set[str]:
    own = "".join(map(_bare, answer.pieces))
    closing, signature = _bare(answer.closing), _bare(answer.signature)
    return {own, own + closing, own + closing + signature, own + signature}


def _bare(text: str) -> str:
    return text.translate(_MARKS)


def _without_quote(answer: Answer, reply: str) -> str:
    """Return the reply without marked lines and lines of ours."""
    ours = _bare(answer.letter.text)
    head = _bare("\n".join(answer.above))
    own = {bare for piece in answer.pieces for line in piece.split("\n") if (bare := _bare(line))}
    kept = [
        bare
        for line in reply.split("\n")
        if (bare := _bare(line)) in own or (not line.startswith(">") and bare not in ours and bare not in head)
    ]
    return "".join(kept)


def judged_answers(
    read: Reader = by_layers, count: int = COUNT, *, unknown: bool = False, ours: str = BASE_LANGUAGE
) -> list[Judged]:
    """Return so many answers with what was found of them; `unknown` and `ours` are those of `answers`."""
    return [judge(answer, read) for answer in answers(count, unknown=unknown, ours=ours)]


def figures_of(column: str, judged: list[Judged], wanted: Mapping[str, float | None]) -> Iterator[Figure]:
    """Yield the figures of one column: exact, and nothing lost."""
    name = f"answers to our own mails, {column}"
    right = {Outcome.EXACT, Outcome.WITH_WHAT_IT_ANSWERS}
    exact = [(one.answer.name, one.outcome in right) for one in judged]
    yield figure(name, "exact", exact, wanted.get("exact"))
    whole = [(one.answer.name, one.outcome is not Outcome.LOST) for one in judged]
    yield figure(name, "nothing lost", whole, wanted.get("nothing lost"))


def worst(judged: list[Judged], most: int = 30) -> str:
    """Return the kinds of answers (program, placement, form) that miss most often, each with an example."""

    def kind(one: Judged) -> tuple[str, ...]:
        return (one.answer.kind[0], one.answer.kind[2], one.answer.kind[3])

    wrong = [one for one in judged if one.outcome in {Outcome.TOO_MUCH, Outcome.LOST}]
    every = Counter(map(kind, judged))
    missed = Counter(map(kind, wrong))
    lost = Counter(kind(one) for one in wrong if one.outcome is Outcome.LOST)
    told = [f"{len(wrong)} of {len(judged)} miss, {sum(lost.values())} of them with lost words."]
    for group, times in sorted(missed.items(), key=lambda item: (-lost[item[0]], -item[1]))[:most]:
        some = [one for one in wrong if kind(one) == group]
        languages = Counter(one.answer.kind[1] for one in some)
        odds = Counter(odd for one in some for odd in one.answer.odds)
        told.append(
            f"\n===== {' / '.join(group)}: {times} of {every[group]} miss, {lost[group]} lose words; "
            f"languages {dict(languages.most_common(8))}; with {dict(odds.most_common(6))}"
        )
        example = min(some, key=lambda one: (one.outcome is not Outcome.LOST, len(one.answer.odds)))
        told.append(
            f"--- example {example.answer.name} ({example.answer.kind[1]}, {example.outcome}, {example.answer.odds})\n"
            f"own: {example.answer.pieces!r} + {example.answer.closing!r} + {example.answer.signature!r}\n"
            f"got: {example.reply[:900]!r}"
        )
    return "\n".join(told)
