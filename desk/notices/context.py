"""The values of one notice as the templates see them: ticket, comment, files, answers and sentences as views."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk.notices.events import ChangeSet, Event, HeldMail, WaitingMail, WholeMail
from desk.notices.files import ChosenFile, size_text
from desk.notices.history import history_view, moment_text
from desk.notices.labels import CATEGORY_LABELS, PRIORITY_LABELS, STATUS_LABELS, change_sentence
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
    WaitingView,
    WholeView,
)
from desk.notices.unproven import warning_of
from desk.notices.waiting import waits_view
from desk.ticket import Ticket
from mail.quoting.labels import DELIMITER

# Directions, invisible operators, tags and controls (Unicode TR 36, section 2). Zero-width joiners spell many languages
# and emoji, and stay.
HIDDEN_SIGNS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
# Far below a screen of empty lines nobody looks.
EMPTY_LINES = re.compile(r"\n\s*\n")
# These stand for the title where the reader must not get the customer's words.
YOUR_REQUEST = "Your request"
ANOTHERS_REQUEST = "A request that you take part in"


def ticket_view(ticket: Ticket) -> TicketView:
    """A ticket with labels instead of enum values; one in nobody's name shows the address in its From."""
    customer, of_nobody = ticket.customer, ticket.customer.is_nobody and ticket.unproven
    return TicketView(
        number=ticket.number,
        tag=ticket.tag,
        title=ticket.title,
        description=ticket.description,
        status=STATUS_LABELS[ticket.status],
        priority=PRIORITY_LABELS[ticket.priority],
        category=CATEGORY_LABELS[ticket.category],
        customer_name="Unproven sender" if of_nobody else customer.name,
        customer_email=ticket.unproven if of_nobody else customer.email,
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


def _held_view(held: HeldMail, change_set: ChangeSet, waiting: Sequence[WaitingMail]) -> HeldView:
    """A held mail; what its question quotes shows no line apart from the others, and hides none."""
    if held.whole is None:
        return HeldView(held.subject, held.reason, held.advice)
    whole = _whole_view(held.whole, change_set.cause.came_at if change_set.cause else None)
    others = tuple(_waiting_view(one, change_set.happened_at) for one in waiting)
    number, last = max(len(held.listed), 1), next(reversed(held.listed), None)
    wants_number = last is not None and last.shown and not last.by_all
    return HeldView(show_signs(held.subject), held.reason, held.advice, whole, number, others, wants_number)


def _waiting_view(waiting: WaitingMail, now: datetime) -> WaitingView:
    whole, place = waiting.held.whole, waiting.place
    return WaitingView(
        number=waiting.number,
        subject=show_signs(waiting.held.subject),
        age=age_text(now - waiting.came_at),
        explanation=waiting.held.reason,
        size=f"{len(whole.text):,} characters" if whole and whole.text is not None else "too long for any question",
        by_all=place.by_all,
        waits=waiting.waits,
        whole=_whole_view(whole, waiting.came_at) if whole and place.shown and waiting.waits else None,
    )


def _whole_view(whole: WholeMail, came_at: datetime | None) -> WholeView:
    sent = datetime.fromisoformat(whole.sent) if whole.sent else None
    return WholeView(
        text=EMPTY_LINES.sub("\n\n", show_signs(whole.text or "").strip("\n")),
        sent_at=moment_text(sent) if sent else "",
        came_at=moment_text(came_at) if came_at else "",
        recipients=tuple(show_signs(one) for one in whole.recipients),
        commands=tuple(show_signs(one) for one in whole.commands),
        files=tuple(FileView(show_signs(name), size_text(size), sent=False) for name, size in whole.files),
    )


def age_text(age: timedelta) -> str:
    """An age as people say it, in the largest unit that fills: "2 hours"; under a minute, "less than a minute"."""
    minutes = int(age.total_seconds()) // 60
    units = ((minutes // 1440, "day"), (minutes // 60, "hour"), (minutes, "minute"))
    count, unit = next(((count, unit) for count, unit in units if count > 0), (0, ""))
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than a minute"


def _quarantined_views(event: Event, *, dropped: bool) -> tuple[QuarantinedView, ...]:
    return tuple(
        QuarantinedView(one.ledger_id, one.mailbox, one.sender, one.subject, one.reason)
        for one in event.quarantined
        if one.dropped == dropped
    )


def show_signs(text: str) -> str:
    """A text in which signs that are not seen, or that turn the order of others around, are seen as a white square."""
    return HIDDEN_SIGNS.sub("\N{WHITE SQUARE}", text)


def _needs_no_delimiter(notice: Notice) -> bool:
    """True for an answer to who is not staff: theirs is cut by what we sent, and holds nothing but their own commands.

    A mail of staff may act and may hold notes, so what they answer keeps the line (desk/intake/objections.py).
    """
    return notice.template.name == "comment-to-customer" and not notice.person.is_staff


def _values_for_staff(notice: Notice, change_set: ChangeSet) -> Mapping[str, object]:
    """Who changed what, and the past of a ticket; nothing of it in a mail that may go to anybody else."""
    if not (notice.template.to_staff and notice.person.is_staff and change_set.ticket):
        return {"change": "", "changed_by": "", "history": None}
    return {
        "change": change_sentence(notice.event, change_set.ticket) or "",
        "changed_by": change_set.actor.name if change_set.actor else "",
        # In the mail about an assignment alone, for it holds notes, and words of other tickets.
        "history": history_view(notice.event.history) if notice.template.name == "ticket-assigned" else None,
    }


def _what_waits(event: Event, change_set: ChangeSet) -> Mapping[str, object]:
    """What of its reader's own was held, or waits beside the answer of a colleague."""
    return {
        "held": _held_view(event.held, change_set, event.waiting) if event.held else None,
        "waits": waits_view(event.waits) if event.waits else None,
    }


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
    large, alert = event.too_large, event.alert
    return {
        "desk": desk,
        "recipient": PersonView(reader_name(notice, first=first)),
        "ticket": _ticket_for_reader(notice, change_set, first=first),
        "first": first,
        "to_guest": notice.to_guest,
        "by_mail": change_set.cause is not None,
        "reference": reference,
        "note_address": "",
        "comment": _comment_view(notice, change_set),
        **_values_for_staff(notice, change_set),
        "also": notice.also,
        "files": tuple(FileView(one.file.filename, size_text(one.file.size), one.sent) for one in files),
        "outcomes": tuple(OutcomeView(one.line, one.done, one.sentence, one.detail) for one in event.outcomes),
        **_what_waits(event, change_set),
        "too_large": TooLargeView(size_text(large.size), size_text(large.largest)) if large else None,
        "quarantined": _quarantined_views(event, dropped=False),
        "dropped": _quarantined_views(event, dropped=True),
        "unnamed": event.unnamed,
        "alert": AlertView(alert.title, alert.sentence, alert.advice) if alert else None,
        "delimiter": "" if _needs_no_delimiter(notice) else DELIMITER,
        "reason": notice.reason,
        "warning": warning_of(notice, change_set),
    }
