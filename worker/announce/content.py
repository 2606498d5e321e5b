"""The content of a mail: what its template is given, and the files that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from desk import tokens
from desk.gate import caps
from desk.notices.context import Reader, remark_of
from desk.notices.context import context as template_values
from desk.notices.events import DueReport, EventKind
from desk.notices.files import ChosenFile, choose_files, show_inline
from desk.notices.recipients import Notice
from desk.notices.waiting import with_cap
from desk.ticket import TicketFile
from desk.tokens import ReplyKind
from mail.outbound.render import Rendered
from models.outbox.writing import FileOut
from models.reports.search.like import read_answers
from models.tickets.attachments import files_of_ticket
from worker.announce.leak_check import without_signatures
from worker.announce.parts import reading
from worker.announce.parts.buttons import button_views, signed_address
from worker.announce.parts.draft import Announcement, Draft, WriteContext
from worker.announce.parts.letter import quoted, text_of, with_signature
from worker.announce.parts.suggest import draft_view, earlier_answers
from worker.announce.reports import ReportReader, report_content
from worker.runtime.services import Services


def render(context: WriteContext, draft: Draft) -> Rendered:
    """Give a draft its files, and return the subject and the texts of its mail in its reader's language."""
    services, notice = context.services, draft.announcement.notice
    language = _language_of(services, draft)
    reader = Reader(services.renderer.words(language), first=draft.first)
    report = notice.event.report
    values = _report(context, draft, reader, report) if report else _letter(context, draft, reader)
    return services.renderer.render(notice.template.name, values, language)


def _language_of(services: Services, draft: Draft) -> str:
    """The language of the reader; a mail about no ticket belongs to no mailbox."""
    box = None if draft.announcement.ticket is None else draft.box
    return services.language_of(draft.announcement.notice.person, box)


def _report(context: WriteContext, draft: Draft, reader: Reader, due: DueReport) -> Mapping[str, object]:
    services, notice, change_set = context.services, draft.announcement.notice, draft.announcement.change_set
    asked = ReportReader(context.moment, reader.words, asked=notice.event.person is not None)
    content = report_content(context.session, services, due, asked)
    draft.files = (content.chart,)
    return {**template_values(notice, change_set, services.desk, (), reader), **content.context}


def _letter(context: WriteContext, draft: Draft, reader: Reader) -> Mapping[str, object]:
    services, change_set = context.services, draft.announcement.change_set
    packed = _packed(context, draft)
    draft.files = [FileOut(one.file.filename, one.file.sha256, one.cid or None) for one in packed if one.sent]
    found = reading.read(context, draft.announcement.notice)
    notice = reading.with_findings(_as_asked(context, draft), found)
    draft.listed, draft.answered_at = reading.listed_columns(found), reading.answered_at(services, draft, found)
    reader = replace(reader, reference=_reference(services, draft))
    values = template_values(notice, change_set, services.desk, packed, reader)
    values = reading.with_views(values, context, draft, found, reader.words)
    note_address = _note_address(services, draft)
    buttons = button_views(services, draft, note_address, reader.words)
    values = {**values, "note_address": note_address, "buttons": buttons, **_earlier_words(context, draft)}
    values = with_signature(services.signatures, notice, values)
    draft.known = text_of(values["signature"])
    # A first mail repeats nothing: its reader may have written none of it.
    if services.settings.desk.history == "last" and not draft.first:
        return {**values, "answered": quoted(notice, change_set, reader.words)}
    return values


def _reference(services: Services, draft: Draft) -> str:
    """What names the ticket in the text itself, where an answer belongs to one."""
    answerable = draft.grant.ticket and draft.grant.kind is not ReplyKind.NONE
    return tokens.reference(services.policy.keys, draft.grant) if answerable else ""


def _earlier_words(context: WriteContext, draft: Draft) -> Mapping[str, object]:
    """Answers to like questions, in the mail about an assignment; and one of them as a draft, for who asked for it."""
    services, notice, ticket = context.services, draft.announcement.notice, draft.announcement.change_set.ticket
    if ticket is None or not (notice.template.to_staff and notice.person.is_staff):
        return {}
    if notice.template.name == "ticket-assigned":
        if ticket.number not in context.earlier:
            context.earlier[ticket.number] = earlier_answers(context.session, services, ticket)
        earlier = context.earlier[ticket.number]
        draft.suggested = earlier.sources
        return {"earlier": earlier.view}
    if asked := notice.event.draft:
        answers = read_answers(context.session, [asked.ticket], asked.comment).get(asked.ticket)
        return {"draft": draft_view(services, asked, answers, signed_address(services, draft), ticket)}
    return {}


def _as_asked(context: WriteContext, draft: Draft) -> Notice:
    """The notice, whose question about a held mail repeats no signed address and says whether it is the last."""
    notice = draft.announcement.notice
    held, waiting = notice.event.held, notice.event.waiting
    if held is None:
        return notice
    held, *others = (
        without_signatures(context.session, context.services.policy.keys, one)
        for one in (held, *(one.held for one in waiting))
    )
    asked = len(draft.facts.confirmations) + 1
    held = with_cap(held, is_last=asked >= caps.most_counted(caps.OFTEN_QUESTIONS))
    waiting = tuple(replace(one, held=without) for one, without in zip(waiting, others, strict=True))
    return replace(notice, event=replace(notice.event, held=held, waiting=waiting))


def _note_address(services: Services, draft: Draft) -> str:
    """Where staff write a note in answer to a mail that they answer in public; empty where there is no such address."""
    grant, box = draft.grant, draft.box
    public = grant.ticket and grant.kind is ReplyKind.PUBLIC and draft.announcement.notice.template.to_staff
    return tokens.note_address(services.policy.keys, grant, box.address) if public and box.plus_addressing else ""


def _packed(context: WriteContext, draft: Draft) -> tuple[ChosenFile, ...]:
    """The files of a draft; pictures that its words show have a Content-ID of ours."""
    remark = remark_of(draft.announcement.notice, draft.announcement.change_set)
    html = remark.letter.html if remark and remark.letter else ""
    number, domain = draft.grant.id, context.services.domain
    packed = choose_files(_files(context, draft.announcement), context.services.policy.limits.attached_megabytes)
    return show_inline(packed, html, lambda place: f"image-{number}-{place}@{domain}") if html else packed


def _files(context: WriteContext, announcement: Announcement) -> Sequence[TicketFile]:
    """What came with the words that the notice repeats."""
    event = announcement.notice.event
    of_mail = context.files_of_mails.get(announcement.cause or 0, ())
    if announcement.notice.template.name == "ticket-assigned" and announcement.ticket:
        opened = event.kind is EventKind.TICKET_OPENED and announcement.cause
        return of_mail if opened else files_of_ticket(context.session, announcement.ticket)
    if event.kind is EventKind.COMMENT_ADDED:
        return context.files_of_comments.get(event.id, ())
    return of_mail if event.remark else ()
