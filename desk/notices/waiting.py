"""What waits for a word of one of staff: all held mails, which stand in a list, and an answer beside a colleague's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from desk.notices.events import AnswerWaits
from desk.notices.held import HeldMail, Listed, Question
from desk.notices.values.template_values import CommentView, WaitsView
from mail.outbound.catalogue import said, together

# A bomb must not make a question that nobody reads; what is proven better comes before what is not.
MOST_LISTED = 20
# So many characters of earlier mails does a question quote besides its own.
MOST_QUOTED = 100_000
# Who writes such mails is the person or was shown a mail of theirs, so they are asked more often than others.
OFTEN = frozenset({Question.PROVEN, Question.SPENT})
# How much a mail shows. Besides the mail that is asked about, what shows neither a live token nor a pass wants its
# number: who answers for their own mail must not carry out a forged one by the same word.
PROVEN = 2
RANKS = {Question.TOKEN: PROVEN, Question.PROVEN: PROVEN, Question.SPENT: 1, Question.CLAIMED: 1, Question.REFUTED: 0}

# What a question says of its cap (desk/gate/caps.py), so that its reader knows why the next one may be late.
ONCE_AN_HOUR = said("held.once_an_hour")
LAST_OF_THE_HOUR = said("held.last_of_the_hour")
# Of each comment of a colleague so many characters are told to the author of an answer that waits.
MOST_TOLD = 10_000
LEFT_OUT = "[…]"
MOST_NAMED = 3
SAMPLE = WaitsView(
    who="Ines Laurent",
    until="10:14 UTC",
    comments=(
        CommentView(
            "Ines Laurent", "Hello Maria,\n\nthe corrected invoice leaves our house today.\n\nInes", from_staff=True
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits: the event of its question, its ledger row, what it shows, and the size of its quote.

    `size` is in characters, None where the mail is too long to be shown.
    """

    event: int
    row: int
    question: Question
    size: int | None


def with_cap(held: HeldMail, *, is_last: bool) -> HeldMail:
    """The mail with its cap in the advice; `is_last` says that no further question of its class goes in this hour."""
    if held.question in {Question.CLAIMED, Question.REFUTED}:
        return replace(held, advice=together(held.advice, ONCE_AN_HOUR))
    is_told = held.question in OFTEN and is_last
    return replace(held, advice=together(held.advice, LAST_OF_THE_HOUR)) if is_told else held


def list_waiting(earlier: Sequence[Waiting], held: HeldMail, row: int) -> tuple[Listed, ...]:
    """The list of a question about a held mail, in the order in which they came; that mail itself is the last of it.

    Beside what is proven, a mail that nothing proves wants its number, also where the question is about it: it comes
    right behind the person's own mail, whoever sent it.
    """
    best = sorted(earlier, key=lambda one: (-RANKS[one.question], -one.event))[: MOST_LISTED - 1]
    room, listed = MOST_QUOTED, list[Listed]()
    for one in best:
        shown = one.size is not None and one.size <= room
        room -= one.size or 0 if shown else 0
        listed.append(Listed(one.event, one.row, shown, by_all=shown and RANKS[one.question] == PROVEN))
    shown = held.whole is not None and held.whole.text is not None
    is_proven = held.question is not None and RANKS[held.question] == PROVEN
    by_all = shown and (is_proven or not any(one.by_all for one in listed))
    return (*sorted(listed, key=lambda one: one.event or 0), Listed(None, row, shown, by_all=by_all))


def waits_view(waits: AnswerWaits) -> WaitsView:
    """An answer that waits as the template shows it, with the words of colleagues, each of bounded length."""
    names = tuple(dict.fromkeys(" ".join(one.name.split()) for one in waits.remarks))
    comments = (CommentView(one.name, _told(one.text), from_staff=True) for one in waits.remarks)
    who = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return WaitsView(who, f"{waits.until.astimezone(UTC):%H:%M} UTC", tuple(comments))


def _told(text: str) -> str:
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD].rstrip()}\n{LEFT_OUT}"
