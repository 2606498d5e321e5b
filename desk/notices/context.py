"""The values of one notice as the templates see them: ticket, comment, files, answers and sentences as views."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from desk.commands.command import CommandAnswer
from desk.notices.events import ChangeSet, Event, EventKind, Letter, Remark
from desk.notices.files import ChosenFile, place_pictures
from desk.notices.held import HeldMail, WaitingMail, WholeMail
from desk.notices.history import history_view
from desk.notices.labels import (
    category_label,
    change_sentence,
    headline_of_held,
    headline_of_outcomes,
    priority_label,
    status_label,
)
from desk.notices.recipients import Notice
from desk.notices.values.template_values import (
    AlertView,
    CommentView,
    DeskView,
    FileView,
    HeldView,
    OutcomeView,
    PersonView,
    QuarantinedView,
    ReceiptView,
    TicketView,
    TooLargeView,
    WaitingView,
    WholeView,
)
from desk.notices.values.unproven import warning_of
from desk.notices.waiting import waits_view
from desk.ticket import Ticket
from mail.outbound.catalogue import Catalogue, Said, said
from mail.quoting.labels import delimiter_in

# Directions, invisible operators, tags and controls (Unicode TR 36, section 2). Zero-width joiners spell many languages
# and emoji, and stay.
HIDDEN_SIGNS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
# Far below a screen of empty lines nobody looks.
EMPTY_LINES = re.compile(r"\n\s*\n")
# What is added where a mail is written; in all others it is missing.
ADDED_LATER: Mapping[str, object] = {
    "note_address": "",
    "buttons": (),
    "signature": None,
    "answered": None,
    "earlier": None,
    "draft": None,
}
# These stand for the title where the reader must not get the customer's words.
YOUR_REQUEST = said("labels.your_request")
ANOTHERS_REQUEST = said("labels.anothers_request")


@dataclass(frozen=True, slots=True)
class Reader:
    """How the reader gets a mail: in which words, and by which signed reference they answer, empty for none.

    `first` says that the reader, who is not staff, gets a mail for the first time.
    """

    words: Catalogue
    reference: str = ""
    first: bool = False


def ticket_view(ticket: Ticket, words: Catalogue) -> TicketView:
    """A ticket with labels instead of enum values; one in nobody's name shows the address in its From."""
    customer, of_nobody = ticket.customer, ticket.customer.is_nobody and ticket.unproven
    return TicketView(
        number=ticket.number,
        tag=ticket.tag,
        title=ticket.title,
        description=ticket.description,
        status=words.say(status_label(ticket.status)),
        priority=words.say(priority_label(ticket.priority)),
        category=words.say(category_label(ticket.category)),
        customer_name=words.say(said("labels.unproven_sender")) if of_nobody else customer.name,
        customer_email=ticket.unproven if of_nobody else customer.email,
        assignee_name=ticket.assignee.name if ticket.assignee else "",
    )


def _without_customer_words(ticket: Ticket, title: Said, words: Catalogue) -> TicketView:
    view = ticket_view(ticket, words)
    return replace(view, title=words.say(title), description="", customer_name="", customer_email="", html="")


def _ticket_for_reader(notice: Notice, change_set: ChangeSet, reader: Reader) -> TicketView | None:
    """The ticket as this reader may see it: a first mail repeats nothing, and a guest never gets the customer's words.

    Otherwise anybody could send their words to anybody else through this desk (docs/security.md#what-goes-out).
    """
    ticket, words = change_set.ticket, reader.words
    if ticket is None:
        return None
    if notice.to_guest:
        return _without_customer_words(ticket, ANOTHERS_REQUEST, words)
    if reader.first:
        return _without_customer_words(ticket, YOUR_REQUEST, words)
    opening = change_set.opening
    return replace(ticket_view(ticket, words), html=opening.html if opening else "")


def reader_name(notice: Notice, *, first: bool) -> str:
    """The reader's name for the mail and its To; empty where somebody else may have made up that name."""
    return "" if first or notice.to_guest else notice.person.name


def remark_of(notice: Notice, change_set: ChangeSet) -> Remark | None:
    """The comment or note whose words a notice shows.

    What was written together with an assignment is in no other mail to the new owner. A mail to a customer never takes
    words from another event, because they may be a note.
    """
    if notice.event.remark is None and notice.template.to_staff:
        return next((event.remark for event in change_set.events if event.remark), None)
    return notice.event.remark


def _comment_view(notice: Notice, change_set: ChangeSet, words: Catalogue) -> CommentView | None:
    remark = remark_of(notice, change_set)
    if remark is None:
        return None
    staff = remark.author is not None and remark.author.is_staff
    letter = remark.letter or Letter("", "")
    withheld = words.say(remark.withheld) if remark.withheld else ""
    return CommentView(remark.name, remark.text, staff, withheld, letter.text, letter.html)


def _headline(notice: Notice, change_set: ChangeSet, words: Catalogue) -> str:
    """The subject of an answer to staff, which says what happened; empty for other mails and readers."""
    if notice.event.held:
        return show_signs(headline_of_held(notice.event.held, words))
    if not notice.event.outcomes or not notice.person.is_staff:
        return ""
    return show_signs(headline_of_outcomes(notice.event.outcomes, change_set.ticket, words))


def _receipt_view(event: Event) -> ReceiptView | None:
    if event.receipt is None:
        return None
    commands = any(outcome.line.startswith("#") for outcome in event.outcomes)
    return ReceiptView(event.receipt.spent, tuple(show_signs(one) for one in event.receipt.seen_by), commands)


def _held_view(held: HeldMail, change_set: ChangeSet, waiting: Sequence[WaitingMail], words: Catalogue) -> HeldView:
    """A held mail; what its question quotes shows no line apart from the others, and hides none."""
    reason, advice = words.say(held.reason), words.say(held.advice)
    if held.whole is None:
        return HeldView(held.subject, reason, advice)
    whole = _whole_view(held.whole, change_set.cause.came_at if change_set.cause else None, words)
    others = tuple(_waiting_view(one, change_set.happened_at, words) for one in waiting)
    number, last = max(len(held.listed), 1), next(reversed(held.listed), None)
    wants_number = last is not None and last.shown and not last.by_all
    return HeldView(show_signs(held.subject), reason, advice, whole, number, others, wants_number)


def _waiting_view(waiting: WaitingMail, now: datetime, words: Catalogue) -> WaitingView:
    whole, place = waiting.held.whole, waiting.place
    return WaitingView(
        number=waiting.number,
        subject=show_signs(waiting.held.subject),
        age=words.age(now - waiting.came_at),
        explanation=words.say(waiting.held.reason),
        size=words.say(_length_of(whole)),
        by_all=place.by_all,
        waits=waiting.waits,
        whole=_whole_view(whole, waiting.came_at, words) if whole and place.shown and waiting.waits else None,
    )


def _length_of(whole: WholeMail | None) -> Said:
    if whole is None or whole.text is None:
        return said("labels.too_long_for_questions")
    return said("formats.characters", count=len(whole.text))


def _whole_view(whole: WholeMail, came_at: datetime | None, words: Catalogue) -> WholeView:
    sent = datetime.fromisoformat(whole.sent) if whole.sent else None
    return WholeView(
        text=EMPTY_LINES.sub("\n\n", show_signs(whole.text or "").strip("\n")),
        sent_at=words.time(sent) if sent else "",
        came_at=words.time(came_at) if came_at else "",
        recipients=tuple(show_signs(one) for one in whole.recipients),
        commands=tuple(show_signs(one) for one in whole.commands),
        files=tuple(FileView(show_signs(name), words.size(size), sent=False) for name, size in whole.files),
    )


def _digest_values(event: Event) -> Mapping[str, object]:
    return {
        "quarantined": _quarantined_views(event, dropped=False),
        "dropped": _quarantined_views(event, dropped=True),
        "unnamed": event.unnamed,
    }


def _outcome_view(answer: CommandAnswer, words: Catalogue) -> OutcomeView:
    line = answer.line or words.say(said("commands.your_mail"))
    return OutcomeView(line, answer.done, words.say(answer.sentence), "\n".join(map(words.say, answer.detail)))


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


def _values_for_staff(notice: Notice, change_set: ChangeSet, words: Catalogue) -> Mapping[str, object]:
    """Who changed what, and the past of a ticket; nothing of it in a mail that may go to anybody else."""
    if not (notice.template.to_staff and notice.person.is_staff and change_set.ticket):
        return {"change": "", "changed_by": "", "history": None}
    change = change_sentence(notice.event, change_set.ticket)
    return {
        "change": words.say(change) if change else "",
        "changed_by": change_set.actor.name if change_set.actor else "",
        # In the mail about an assignment alone, for it holds notes, and words of other tickets.
        "history": history_view(notice.event.history, words) if notice.template.name == "ticket-assigned" else None,
    }


def _what_waits(event: Event, change_set: ChangeSet, words: Catalogue) -> Mapping[str, object]:
    """What of its reader's own was held, or waits beside the answer of a colleague."""
    return {
        "held": _held_view(event.held, change_set, event.waiting, words) if event.held else None,
        "waits": waits_view(event.waits) if event.waits else None,
    }


def _written_for(notice: Notice, change_set: ChangeSet) -> str:
    """What staff wrote when they opened a ticket for its customer by a mail; empty for all other news."""
    by_command = change_set.cause is not None and change_set.cause.has_power
    opened = notice.event.kind is EventKind.TICKET_OPENED and by_command
    if change_set.ticket is None or not (opened or notice.event.kind is EventKind.CUSTOMER_TOLD):
        return ""
    return change_set.ticket.description


def context(
    notice: Notice,
    change_set: ChangeSet,
    desk: DeskView,
    files: Sequence[ChosenFile],
    reader: Reader,
) -> Mapping[str, object]:
    """Everything that the templates of ticket mails may name, by name."""
    event, words = notice.event, reader.words
    large, alert = event.too_large, event.alert
    return {
        "desk": desk,
        "recipient": PersonView(reader_name(notice, first=reader.first)),
        "ticket": _ticket_for_reader(notice, change_set, reader),
        "first": reader.first,
        "to_guest": notice.to_guest,
        "by_mail": change_set.cause is not None and not _written_for(notice, change_set),
        "written": _written_for(notice, change_set),
        "reference": reader.reference,
        **ADDED_LATER,
        "comment": place_pictures(_comment_view(notice, change_set, words), files),
        **_values_for_staff(notice, change_set, words),
        "also": tuple(map(words.say, notice.also)),
        "files": tuple(
            FileView(one.file.filename, words.size(one.file.size), one.sent) for one in files if not one.cid
        ),
        "outcomes": tuple(_outcome_view(one, words) for one in event.outcomes),
        "receipt": _receipt_view(event),
        "headline": _headline(notice, change_set, words),
        **_what_waits(event, change_set, words),
        "too_large": TooLargeView(words.size(large.size), words.size(large.largest)) if large else None,
        **_digest_values(event),
        "alert": AlertView(*map(words.say, (alert.title, alert.sentence, alert.advice))) if alert else None,
        "delimiter": "" if _needs_no_delimiter(notice) else delimiter_in(words.language),
        "reason": words.say(notice.reason),
        "warning": " ".join(map(words.say, warning_of(notice, change_set))),
    }
