"""The day's mails as lines for people: when, from whom, to whom, about what, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from desk.notices.events import EventKind
from models.reports.daybook import Daybook, DaybookMail
from seed.stack.mailhost.server import SUPPORT
from worker.demo.scene import SENT, Scene
from worker.runtime.terminal import printable

ON_ITS_WAY = "on its way"
APPLIED = "applied"
WORDS = {EventKind.COMMENT_ADDED: "answer", EventKind.NOTE_ADDED: "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One mail; `key` identifies it for the whole day, `settled` means that its outcome is final."""

    key: str
    at: datetime
    inward: bool
    sender: str
    recipient: str
    subject: str
    outcome: str
    settled: bool

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """Its columns, with nothing in them that a terminal would obey."""
        arrow = "→" if self.inward else "←"
        person = self.sender if self.inward else self.recipient
        cells = (f"{self.at.astimezone():%H:%M:%S}", arrow, person, self.subject, self.outcome)
        when, arrow, person, subject, outcome = map(printable, cells)
        return when, arrow, person, subject, outcome


def lines(scene: Scene) -> list[Line]:
    """All mails in the order they were written, those that nobody in the story wrote included."""
    return sorted((*_written(scene), *_others(scene), *_outgoing(scene)), key=lambda line: line.at)


def _written(scene: Scene) -> Iterator[Line]:
    for word, sent in scene.sent.items():
        row = scene.received(word)
        yield Line(
            key=word,
            at=sent.at,
            inward=True,
            sender=sent.mail.sender,
            recipient=sent.mail.recipient,
            subject=sent.mail.subject,
            outcome=_outcome_of_mail(scene.book, row),
            settled=row is not None and row.fate is not None,
        )


def _others(scene: Scene) -> Iterator[Line]:
    story = {sent.mail.message_id for sent in scene.sent.values()}
    for row in scene.book.mails:
        if row.message_id not in story:
            ticket = scene.book.ticket(row.ticket)
            yield Line(
                key=f"in {row.id}",
                at=row.at,
                inward=True,
                sender=row.sender,
                recipient=SUPPORT,
                subject=ticket.title if ticket else "",
                outcome=_outcome_of_mail(scene.book, row),
                settled=row.fate is not None,
            )


def _outgoing(scene: Scene) -> Iterator[Line]:
    for mail in scene.book.notices:
        delivered = scene.delivered(mail) is not None
        waiting = {None: ON_ITS_WAY, SENT: "sent"}.get(mail.fate) or f"{mail.fate}: {mail.reason}"
        outcome = f"in the inbox · {mail.template}" if delivered else waiting
        yield Line(
            key=f"out {mail.id}",
            at=mail.at,
            inward=False,
            sender=SUPPORT,
            recipient=mail.recipient,
            subject=mail.subject,
            outcome=outcome,
            settled=delivered or mail.fate not in {None, SENT},
        )


def _outcome_of_mail(book: Daybook, row: DaybookMail | None) -> str:
    if row is None or row.fate is None:
        return ON_ITS_WAY
    ticket = book.ticket(row.ticket)
    if row.fate != APPLIED or ticket is None:
        return f"{row.fate.replace('_', ' ')}: {row.reason}"
    tag, kinds = f"SD-{ticket.number}", {kind for kind, _ in row.changes}
    if EventKind.TICKET_OPENED in kinds:
        filed = (ticket.category.replace("_", " "), ticket.priority, ticket.owner_name)
        return " · ".join((f"{tag} opened", *filter(None, filed)))
    # What changed nothing by itself, as a mail that takes another back, is told by its reason.
    return " · ".join((tag, *(tuple(_effects(row)) or (row.reason.partition(". ")[0],))))


def _effects(row: DaybookMail) -> Iterator[str]:
    """One word for each thing that a mail did to its ticket."""
    for kind, new in row.changes:
        if kind is EventKind.TICKET_CHANGED:
            yield new.replace("_", " ")
        elif kind in WORDS:
            yield WORDS[kind]
