"""The history of a ticket as the mail about its assignment shows it: 40 lines at most, and those of notes whole."""

from datetime import UTC, datetime

from desk.notices.events import Continued, EarlierTicket, History, Turn
from desk.notices.labels import STATUS_LABELS
from desk.notices.template_values import ContinuedView, EarlierView, HistoryView, TurnView
from desk.ticket import Status

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


def history_view(history: History | None) -> HistoryView | None:
    """A history as the templates show it; None where there is nothing to show."""
    if history is None or not (history.turns or history.continues or history.latest):
        return None
    latest = tuple(_earlier(one.number, one.title, STATUS_LABELS[one.status]) for one in history.latest)
    continues = _continued(history.continues) if history.continues else None
    left = MOST_LINES - (HEAD + len(latest) if latest else 0)
    left -= HEAD + continues.words.count("\n") + 1 if continues else 0
    # Each turn has a line of its own above its words.
    rows = max((left - HEAD) // max(len(history.turns), 1) - 1, 1)
    turns = tuple(
        TurnView(
            author_name=_cut(one.author, LONGEST_NAME),
            at=moment_text(one.at),
            text=excerpt(one.text, rows, whole=one.is_note),
            is_note=one.is_note,
        )
        for one in history.turns
    )
    return HistoryView(turns, continues, latest)


def _continued(continued: Continued) -> ContinuedView:
    ticket = continued.ticket
    earlier = _earlier(ticket.number, ticket.title, STATUS_LABELS[ticket.status])
    return ContinuedView(earlier, excerpt(continued.words, OF_CONTINUED, whole=False))


def _earlier(number: int, title: str, status: str) -> EarlierView:
    return EarlierView(f"SD-{number}", _cut(title, LONGEST_TITLE), status)


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


def moment_text(moment: datetime) -> str:
    """A moment as people read it, in UTC: "2 November 2026, 10:01 UTC"."""
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M} UTC"


# An example, with which the templates are checked and previewed.
SAMPLE = history_view(
    History(
        turns=(
            Turn(
                "Ines Laurent",
                "Hello Maria,\n\nyour new address is in our books now.\n\nBest wishes\nInes",
                datetime(2026, 11, 20, 10, 1, tzinfo=UTC),
                is_note=False,
            ),
            Turn(
                "Ines Laurent",
                "Accounting asks for the certificate first.",
                datetime(2026, 11, 20, 10, 14, tzinfo=UTC),
                is_note=True,
            ),
        ),
        continues=Continued(
            EarlierTicket(1017, "Our new address", Status.CLOSED), "Thank you, the address is right on the next one."
        ),
        latest=(
            EarlierTicket(1039, "How do I add a colleague?", Status.RESOLVED),
            EarlierTicket(1017, "Our new address", Status.CLOSED),
        ),
    )
)
