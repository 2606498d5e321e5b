"""What came before on a ticket, on 40 lines at most: in the mail about its assignment, and below a public answer."""

import re

from desk.notices.events import ChangeSet, Continued, EarlierTicket, History
from desk.notices.labels import status_label
from desk.notices.recipients import Notice
from desk.notices.values.template_values import ContinuedView, EarlierView, HistoryView, QuotedView, TurnView
from mail.outbound.catalogue import Catalogue, said

# All lines of a history in plain text, the empty ones and the headings among them.
MOST_LINES = 40
# A line of a person's text that is longer stands on several lines of the screen, and counts as so many.
WIDTH = 76
LONGEST_TITLE = 60
LONGEST_NAME = 40
OF_CONTINUED = 5
LEFT_OUT = "[…]"
# An empty line and the heading of a part, and what stands above the words of the continued ticket.
HEAD = 2
# Where an answer gives it back without its mark, it must not be taken for one of that answer.
_COMMAND = re.compile(r"\s*[#\uff03][^\W\d_]")


def history_view(history: History | None, words: Catalogue) -> HistoryView | None:
    """A history as the templates show it, in the reader's words; None where there is nothing to show."""
    if history is None or not (history.turns or history.continues or history.latest):
        return None
    latest = tuple(_earlier(one, words) for one in history.latest)
    continues = _continued(history.continues, words) if history.continues else None
    left = MOST_LINES - (HEAD + len(latest) if latest else 0)
    left -= HEAD + continues.words.count("\n") + 1 if continues else 0
    # Each turn has a line of its own above its words.
    rows = max((left - HEAD) // max(len(history.turns), 1) - 1, 1)
    turns = tuple(
        TurnView(
            author_name=_cut(one.author, LONGEST_NAME),
            at=words.time(one.at),
            text=excerpt(one.text, rows, whole=one.is_note),
            is_note=one.is_note,
        )
        for one in history.turns
    )
    return HistoryView(turns, continues, latest)


def _continued(continued: Continued, words: Catalogue) -> ContinuedView:
    earlier = _earlier(continued.ticket, words)
    return ContinuedView(earlier, excerpt(continued.words, OF_CONTINUED, whole=False))


def _earlier(ticket: EarlierTicket, words: Catalogue) -> EarlierView:
    title = _cut(ticket.title, LONGEST_TITLE)
    return EarlierView(f"SD-{ticket.number}", title, words.say(status_label(ticket.status)))


def _cut(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[:most].rstrip()}…"


def excerpt(text: str, rows: int, *, whole: bool) -> str:
    """The beginning of a text on at most so many lines of WIDTH signs, without empty ones; LEFT_OUT ends what was cut.

    With `whole` no line is cut within: a line of a note must be known again wherever it would reach a customer
    (docs/security.md#what-goes-out).
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    taken = list[str]()
    for place, line in enumerate(lines):
        room = rows - (place < len(lines) - 1)
        if (height := _height(line)) <= room:
            taken.append(line)
            rows -= height
            continue
        if not whole and room > 0:
            taken.append(_start(line, room))
        else:
            taken.append(LEFT_OUT)
        break
    return "\n".join(taken)


def quoted_view(notice: Notice, change_set: ChangeSet, words: Catalogue) -> QuotedView | None:
    """The last public words of the customer, in the answer of staff that goes to that customer; otherwise None.

    A guest or a colleague never gets them here, nor anybody what a refuted mail said in their name
    (docs/security.md#what-goes-out).
    """
    ticket, remark, answered = change_set.ticket, notice.event.remark, notice.event.answered
    if notice.template.name != "comment-to-customer" or ticket is None or remark is None or answered is None:
        return None
    is_answer = remark.author is not None and remark.author.is_staff
    is_customer = notice.person.number == ticket.customer.number and not notice.takes_part
    if not is_answer or not is_customer or notice.person.is_staff or ticket.unproven:
        return None
    text = _beginning(answered.text, MOST_LINES - 1)
    heading = said("labels.customer_wrote", at=answered.at, author=_cut(ticket.customer.name, LONGEST_NAME))
    return QuotedView(words.say(heading), text) if text else None


def _beginning(text: str, rows: int) -> str:
    """The first lines of a text, with its paragraphs and without commands; LEFT_OUT ends what is longer."""
    lines = [line.rstrip() for line in text.strip().splitlines() if not _COMMAND.match(line)]
    taken = list[str]()
    for line, before in zip(lines, ["", *lines], strict=False):
        if not line and not before:
            continue
        if (height := _height(line)) >= rows:
            start = _start(line, rows) if height > 1 and rows > 1 else LEFT_OUT
            return "\n".join([*taken, start])
        taken.append(line)
        rows -= height
    return "\n".join(taken).strip()


def _start(line: str, rows: int) -> str:
    start = line[: rows * WIDTH - len(LEFT_OUT) - 1]
    return f"{start.rpartition(' ')[0].rstrip() or start} {LEFT_OUT}"


def _height(line: str) -> int:
    return max(-(-len(line) // WIDTH), 1)


# An example, with which the templates are checked and previewed.
SAMPLE = HistoryView(
    turns=(
        TurnView(
            author_name="Ines Laurent",
            at="20 November 2026, 10:01 UTC",
            text="Hello Maria,\nyour new address is in our books now.\nBest wishes\nInes",
            is_note=False,
        ),
        TurnView(
            author_name="Ines Laurent",
            at="20 November 2026, 10:14 UTC",
            text="Accounting asks for the certificate first.",
            is_note=True,
        ),
    ),
    continues=ContinuedView(
        EarlierView("SD-1017", "Our new address", "Closed"), "Thank you, the address is right on the next one."
    ),
    latest=(
        EarlierView("SD-1039", "How do I add a colleague?", "Resolved"),
        EarlierView("SD-1017", "Our new address", "Closed"),
    ),
)
QUOTED = QuotedView(
    "On 21 November 2026, 16:40 UTC, Maria Okafor wrote:",
    "Thank you, that was quick.\n\nThe address is right now, but the VAT number is still the old one.",
)
