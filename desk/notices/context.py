"""The values of one notice as the templates see them: ticket, comment, files, answers and sentences as views."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from desk.notices.events import ChangeSet
from desk.notices.files import ChosenFile, size_text
from desk.notices.labels import CATEGORY_LABELS, PRIORITY_LABELS, STATUS_LABELS
from desk.notices.recipients import Notice
from desk.notices.template_values import (
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
from desk.ticket import Ticket
from mail.quoting.labels import DELIMITER

# These stand for the title where the reader must not get the customer's words.
YOUR_REQUEST = "Your request"
ANOTHERS_REQUEST = "A request that you take part in"


def ticket_view(ticket: Ticket) -> TicketView:
    """A ticket with labels instead of enum values."""
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


def _without_customer_words(ticket: Ticket, title: str) -> TicketView:
    return replace(ticket_view(ticket), title=title, description="", customer_name="", customer_email="")


def _ticket_for_reader(notice: Notice, change_set: ChangeSet, *, first: bool) -> TicketView | None:
    """The ticket as this reader may see it: a first mail repeats nothing, and a guest never gets the customer's words.

    Otherwise anybody could send their words to anybody else through this desk (docs/security.md#what-goes-out).
    """
    if change_set.ticket is None:
        return None
    if notice.to_guest:
        return _without_customer_words(change_set.ticket, ANOTHERS_REQUEST)
    return _without_customer_words(change_set.ticket, YOUR_REQUEST) if first else ticket_view(change_set.ticket)


def reader_name(notice: Notice, *, first: bool) -> str:
    """The reader's name for the mail and its To; empty where somebody else may have made up that name."""
    return "" if first or notice.to_guest else notice.person.name


def _comment_view(notice: Notice, change_set: ChangeSet) -> CommentView | None:
    remark = notice.event.remark
    if remark is None and notice.template.to_staff:
        # What was written together with an assignment is in no other mail to the new owner. A mail to a customer
        # never takes words from another event, because they may be a note.
        remark = next((event.remark for event in change_set.events if event.remark), None)
    if remark is None:
        return None
    staff = remark.author is not None and remark.author.is_staff
    return CommentView(remark.name, remark.text, staff, remark.withheld)


def context(
    notice: Notice,
    change_set: ChangeSet,
    desk: DeskView,
    files: Sequence[ChosenFile],
    *,
    reference: str = "",
    first: bool = False,
) -> Mapping[str, object]:
    """Everything that the templates of ticket mails may name, by name.

    `reference` is the signed reference in the text, empty where an answer belongs to no ticket; `first` says that the
    reader, who is not staff, gets a mail for the first time.
    """
    event = notice.event
    held, large, alert = event.held, event.too_large, event.alert
    return {
        "desk": desk,
        "recipient": PersonView(reader_name(notice, first=first)),
        "ticket": _ticket_for_reader(notice, change_set, first=first),
        "first": first,
        "to_guest": notice.to_guest,
        "reference": reference,
        "comment": _comment_view(notice, change_set),
        "also": notice.also,
        "files": tuple(FileView(one.file.filename, size_text(one.file.size), one.sent) for one in files),
        "outcomes": tuple(OutcomeView(one.line, one.done, one.sentence) for one in event.outcomes),
        "held": HeldView(held.subject, held.reason, held.advice) if held else None,
        "too_large": TooLargeView(size_text(large.size), size_text(large.largest)) if large else None,
        "quarantined": tuple(
            QuarantinedView(one.ledger_id, one.mailbox, one.sender, one.subject, one.reason)
            for one in event.quarantined
        ),
        "alert": AlertView(alert.title, alert.sentence, alert.advice) if alert else None,
        "delimiter": DELIMITER,
        "reason": notice.reason,
    }
