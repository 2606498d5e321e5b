"""All that a template may name."""

from typing import Annotated, TypedDict

from desk.notices.values.buttons import ButtonView
from desk.notices.values.earlier import DraftView, EarlierAnswersView
from desk.notices.values.template_values import (
    AlertView,
    ChartView,
    CommentView,
    DeskView,
    FileView,
    HeldView,
    HistoryView,
    OutcomeView,
    PersonView,
    QuarantinedView,
    QuotedView,
    ReceiptView,
    ReportView,
    TicketView,
    TooLargeView,
    WaitsView,
)
from mail.outbound.signature import Signature


class MailValues(TypedDict, total=False):
    """All that a template may name, each with what it is; `report` and `chart` are given to the report alone."""

    desk: Annotated[DeskView, "the desk"]
    recipient: Annotated[PersonView, "the reader"]
    ticket: Annotated[TicketView | None, "the ticket, as this reader may see it"]
    first: Annotated[bool, "the reader, who is not staff, gets a mail for the first time"]
    to_guest: Annotated[bool, "the reader takes part in somebody else's request"]
    by_mail: Annotated[bool, "a mail caused this one"]
    reference: Annotated[str, "what names the ticket in the text itself; without it an answer may miss its ticket"]
    note_address: Annotated[str, "where staff send what only colleagues shall read; empty where there is none"]
    buttons: Annotated[tuple[ButtonView, ...], "what the reader may do by a mail that is written already"]
    comment: Annotated[CommentView | None, "the words that the mail is about"]
    written: Annotated[str, "what staff wrote for their customer, who hears of the ticket by it; empty in all others"]
    change: Annotated[str, "what was changed, as a sentence, for staff alone"]
    changed_by: Annotated[str, "who changed it, for staff alone; empty where nobody knows"]
    history: Annotated[HistoryView | None, "the past of the ticket, for its new owner"]
    earlier: Annotated[EarlierAnswersView | None, "answers to like questions, and the ticket that this one may repeat"]
    draft: Annotated[DraftView | None, "the earlier answer that the reader asked for"]
    signature: Annotated[Signature | None, "what stands below a public answer, in text and cleaned HTML"]
    answered: Annotated[QuotedView | None, "what the customer wrote last, which a public answer quotes to them"]
    also: Annotated[tuple[str, ...], "what else changed, a sentence each"]
    files: Annotated[tuple[FileView, ...], "the files that came with the words"]
    outcomes: Annotated[tuple[OutcomeView, ...], "what became of each command"]
    receipt: Annotated[ReceiptView | None, "whether the address that a mail of staff went to counts no longer"]
    headline: Annotated[str, "what became of a mail of staff, as the subject of its answer; otherwise empty"]
    held: Annotated[HeldView | None, "a mail in the reader's name that waits for a word of theirs"]
    waits: Annotated[WaitsView | None, "an answer of the reader's that waits, since a colleague answered"]
    too_large: Annotated[TooLargeView | None, "a mail of the reader's that was too large"]
    quarantined: Annotated[tuple[QuarantinedView, ...], "mails that could not be taken in"]
    dropped: Annotated[tuple[QuarantinedView, ...], "mails that had no effect"]
    unnamed: Annotated[int, "how many more mails were dropped than are named"]
    alert: Annotated[AlertView | None, "what an admin should look at"]
    delimiter: Annotated[str, "the line above which one answers; empty where the answer is known without it"]
    reason: Annotated[str, "why the reader gets this mail"]
    warning: Annotated[str, "what staff must know of an unproven sender; empty where there is nothing"]
    report: Annotated[ReportView, "the figures of the report"]
    chart: Annotated[ChartView, "the picture of the report"]
