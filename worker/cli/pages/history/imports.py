"""What came of an import, or where it was ended."""

import json
from collections.abc import Iterator
from typing import Any, Final

from worker.cli.progress import duration
from worker.history.imports.run import ImportOrder, Summary
from worker.history.imports.take import Outcome
from worker.runtime.terminal import printable

# So many mails that could not be taken are named; --json names them all.
MOST_NAMED: Final = 20

_LATER: Final = ": the same command takes {0} once the mailbox was read, unless the desk has {0} then"
_WORDS: Final = {
    Outcome.KNOWN: ("{} was there already", "{} were there already"),
    Outcome.NOT_APPLIED: ("{} had no effect", "{} had no effect"),
    Outcome.OF_STAFF: (
        "{} in the name of staff or of the desk was left out, as --staff-answers was not given",
        "{} in the name of staff or of the desk were left out, as --staff-answers was not given",
    ),
    Outcome.AWAITED: (
        "{} came since mailbox {} was read and was left out, as its server shows it yet" + _LATER.format("it"),
        "{} came since mailbox {} was read and were left out, as its server shows them yet" + _LATER.format("them"),
    ),
    Outcome.TOO_LARGE: (
        "{} is larger than limits.largest_mail_megabytes and was left out",
        "{} are larger than limits.largest_mail_megabytes and were left out",
    ),
    Outcome.UNREADABLE: ("{} could not be read", "{} could not be read"),
}


def lines_of(summary: Summary, wanted: ImportOrder) -> Iterator[str]:
    """What came of an import, or would come, as sentences."""
    counts = summary.outcomes
    became = (_many(counts[Outcome.TICKET], "ticket"), _many(counts[Outcome.COMMENT], "comment"))
    notes = f" and {_many(counts[Outcome.NOTE], 'note')}" if counts[Outcome.NOTE] else ""
    verb = "would become" if wanted.dry else "became"
    joined = f"{became[0]}, {became[1]}{notes}" if notes else f"{became[0]} and {became[1]}"
    took = f"in {duration(summary.seconds)}"
    yield f"{wanted.mailbox}: of {_many(summary.mails, 'mail')} there {verb} {joined}, {took}."
    for outcome, (one, more) in _WORDS.items():
        if counts[outcome]:
            why = f" ({_rules(summary)})" if outcome is Outcome.NOT_APPLIED else ""
            yield f"{(one if counts[outcome] == 1 else more).format(counts[outcome], wanted.mailbox)}{why}."
    if summary.undated:
        yield f"{_many(summary.undated, 'mail')} without a usable date took the time at which it was kept."
    for sentence in summary.sentences[:MOST_NAMED]:
        yield printable(sentence)
    if len(summary.sentences) > MOST_NAMED:
        yield f"{len(summary.sentences) - MOST_NAMED} more of these are named with --json."
    if wanted.dry:
        yield "Nothing was written; to take them in takes two to three times as long."


def json_of(summary: Summary, wanted: ImportOrder) -> str:
    """The same for scripts."""
    values: dict[str, Any] = {
        "mailbox": wanted.mailbox,
        "dry_run": wanted.dry,
        "mails": summary.mails,
        **{str(outcome): summary.outcomes[outcome] for outcome in Outcome},
        "no_effect_by_rule": dict(summary.rules),
        "left_out_of_files": summary.left_out,
        "undated": summary.undated,
        "named": summary.sentences,
        "seconds": round(summary.seconds, 1),
    }
    return json.dumps(values, indent=2)


def how_far(summary: Summary, wanted: ImportOrder) -> str:
    """What is done of an import that was ended, and how it goes on."""
    if wanted.dry:
        return "Nothing was written."
    if not summary.mails:
        return "The files were being looked through, and nothing was taken yet; the same command begins again."
    done = f"{summary.dealt} of {_many(summary.mails, 'mail')} are done and stay"
    return f"{done}; the same command goes on with the others."


def _rules(summary: Summary) -> str:
    return ", ".join(f"{rule}: {count}" for rule, count in summary.rules.most_common())


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
