"""What a template is given for one notice: the happening in words."""

from collections.abc import Mapping, Sequence

from desk.events import Event, Happening
from desk.files import Packed, size_text
from desk.letters import (
    AlertView,
    CommentView,
    DeskView,
    FileView,
    HeldView,
    OutcomeView,
    PersonView,
    QuarantinedView,
    TicketView,
    TooLargeView,
)
from desk.notices import Notice
from desk.ticket import Ticket
from desk.wording import CATEGORY_LABELS, PRIORITY_LABELS, STATUS_LABELS
from mail.delimiter import DELIMITER


def ticket_view(ticket: Ticket) -> TicketView:
    """A ticket in words."""
    return TicketView(
        number=ticket.number,
        tag=ticket.tag,
        title=ticket.title,
        description=ticket.description,
        status=STATUS_LABELS[ticket.status],
        priority=PRIORITY_LABELS[ticket.priority],
        category=CATEGORY_LABELS[ticket.category],
        customer_name=ticket.customer.name,
        customer_email=ticket.customer.email,
        assignee_name=ticket.assignee.name if ticket.assignee else "",
    )


def _comment(notice: Notice, happening: Happening) -> CommentView | None:
    said = notice.event.said
    if said is None and notice.letter.to_staff:
        # What was written beside an assignment stands in no other mail to its new owner. A customer's mail never
        # takes words from another event: they may be a note.
        said = next((event.said for event in happening.events if event.said), None)
    if said is None:
        return None
    staff = said.author is not None and said.author.is_staff
    return CommentView(author_name=said.name, text=said.text, from_staff=staff)


def _too_large(event: Event) -> TooLargeView | None:
    mail = event.too_large
    return TooLargeView(size_text(mail.size), size_text(mail.largest)) if mail else None


def context(notice: Notice, happening: Happening, desk: DeskView, files: Sequence[Packed]) -> Mapping[str, object]:
    """Everything that the templates of ticket mails may name."""
    event = notice.event
    return {
        "desk": desk,
        "recipient": PersonView(notice.person.name),
        "ticket": ticket_view(happening.ticket) if happening.ticket else None,
        "comment": _comment(notice, happening),
        "also": notice.also,
        "files": tuple(FileView(one.file.filename, size_text(one.file.size), one.sent) for one in files),
        "outcomes": tuple(OutcomeView(one.line, one.done, one.sentence) for one in event.outcomes),
        "held": HeldView(event.held.subject, event.held.reason, event.held.advice) if event.held else None,
        "too_large": _too_large(event),
        "quarantined": tuple(
            QuarantinedView(one.ledger_id, one.mailbox, one.sender, one.subject, one.reason)
            for one in event.quarantined
        ),
        "alert": AlertView(event.alert.title, event.alert.sentence, event.alert.advice) if event.alert else None,
        "delimiter": DELIMITER,
        "reason": notice.reason,
    }
