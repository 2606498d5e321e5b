"""The day's mails as lines for people: when, from whom, to whom, about what, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.events import EventKind
from models.daybook import Daybook, Posted, Received
from seed.mailserver import SUPPORT
from worker.cli.tables import printable
from worker.demo.scene import SENT, Scene

ON_ITS_WAY = "on its way"
APPLIED = "applied"
WORDS = {EventKind.COMMENT_ADDED: "answer", EventKind.NOTE_ADDED: "note"}


@dataclass(frozen=True, slots=True)
class Line:
    """One mail; `key` is its own for as long as the day lasts, `settled` says that nothing more becomes of it."""

    key: str
    at: datetime
    inward: bool
    sender: str
    recipient: str
    subject: str
    became: str
    settled: bool

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """Its columns, with nothing in them that a terminal would obey."""
        arrow = "→" if self.inward else "←"
        person = self.sender if self.inward else self.recipient
        cells = (f"{self.at.astimezone():%H:%M:%S}", arrow, person, self.subject, self.became)
        when, arrow, person, subject, became = map(printable, cells)
        return when, arrow, person, subject, became


def lines(scene: Scene) -> list[Line]:
    """All mails in the order they were written, those that nobody in the story wrote included."""
    return sorted((*_written(scene), *_others(scene), *_outgoing(scene)), key=lambda line: line.at)


def _written(scene: Scene) -> Iterator[Line]:
    for word, sent in scene.sent.items():
        row, mail = scene.received(word), sent.mail
        settled = row is not None and row.fate is not None
        became = _became(scene.book, row)
        yield Line(word, sent.at, True, mail.sender, mail.recipient, mail.subject, became, settled)


def _others(scene: Scene) -> Iterator[Line]:
    story = {sent.mail.message_id for sent in scene.sent.values()}
    for row in scene.book.received:
        if row.message_id not in story:
            ticket = scene.book.ticket(row.ticket)
            subject, became = ticket.title if ticket else "", _became(scene.book, row)
            yield Line(f"in {row.id}", row.at, True, row.sender, SUPPORT, subject, became, row.fate is not None)


def _outgoing(scene: Scene) -> Iterator[Line]:
    for mail in scene.book.posted:
        arrived = scene.delivered(mail) is not None
        settled = arrived or mail.fate not in {None, SENT}
        yield Line(
            f"out {mail.id}", mail.at, False, SUPPORT, mail.recipient, mail.subject, _went(mail, arrived), settled
        )


def _went(mail: Posted, arrived: bool) -> str:
    if arrived:
        return f"in the inbox · {mail.template}"
    return {None: ON_ITS_WAY, SENT: "sent"}.get(mail.fate) or f"{mail.fate}: {mail.reason}"


def _became(book: Daybook, row: Received | None) -> str:
    if row is None or row.fate is None:
        return ON_ITS_WAY
    ticket = book.ticket(row.ticket)
    if row.fate != APPLIED or ticket is None:
        return f"{row.fate.replace('_', ' ')}: {row.reason}"
    tag, kinds = f"SD-{ticket.number}", {kind for kind, _ in row.changes}
    if EventKind.TICKET_OPENED in kinds:
        filed = (ticket.category.replace("_", " "), ticket.priority, ticket.owner_name)
        return " · ".join((f"{tag} opened", *filter(None, filed)))
    return " · ".join((tag, *_done(row)))


def _done(row: Received) -> Iterator[str]:
    """What a mail did to its ticket, in a word each."""
    for kind, new in row.changes:
        if kind is EventKind.TICKET_CHANGED:
            yield new.replace("_", " ")
        elif kind in WORDS:
            yield WORDS[kind]
