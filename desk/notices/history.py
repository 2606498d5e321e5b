"""The history of a ticket as the mail about its assignment shows it: 40 lines at most, and those of notes whole."""

from desk.notices.events import Continued, EarlierTicket, History
from desk.notices.labels import status_label
from desk.notices.template_values import ContinuedView, EarlierView, HistoryView, TurnView
from mail.outbound.catalogue import Catalogue

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
            start = line[: room * WIDTH - len(LEFT_OUT) - 1]
            taken.append(f"{start.rpartition(' ')[0].rstrip() or start} {LEFT_OUT}")
        else:
            taken.append(LEFT_OUT)
        break
    return "\n".join(taken)


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
