"""Writing mails: the gate's first verdict, the template, and the row in the outbox; for many mails at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from desk import tokens
from desk.gate import caps
from desk.gate import verdict as gate
from desk.notices.context import Reader, reader_name, remark_of
from desk.notices.context import context as template_values
from desk.notices.events import ChangeSet, EventKind
from desk.notices.files import ChosenFile, choose_files, show_inline
from desk.notices.from_name import from_name
from desk.notices.held import Question
from desk.notices.recipients import Notice
from desk.notices.waiting import with_cap
from desk.ticket import TicketFile
from desk.tokens import Grant, ReplyKind
from desk.trust.judge import Proof
from desk.trust.threads import effective_role
from mail.outbound.render import Rendered
from models.announce.thread_context import Correspondence, read_correspondence
from models.outbox.gate_facts import Mailing, read_gate_facts
from models.outbox.writing import FileOut, NewMail, write
from models.tickets.attachments import files_of_comments, files_of_mails, files_of_ticket
from models.tickets.thread_index import index_our_ids
from worker.announce.leak_check import leaks, without_signatures
from worker.announce.letter import quoted, text_of, with_signature
from worker.announce.reports import ReportReader, report_content
from worker.deliver.objection import carry_out_objection
from worker.runtime.services import Services
from worker.settings.servers import MailboxSettings

# A question whether a mail is somebody's wants its answer soon (docs/security.md#what-a-mail-may-do).
TOKEN_LIVES = {ReplyKind.CONFIRM: timedelta(hours=72)}
TOKEN_LIFE = timedelta(days=180)
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice, and the change set that it tells of."""

    notice: Notice
    change_set: ChangeSet

    @property
    def ticket(self) -> int | None:
        """The number of the ticket that it is about."""
        return self.change_set.ticket.number if self.change_set.ticket else None

    @property
    def cause(self) -> int | None:
        """The ledger id of the mail that caused it."""
        return self.change_set.cause.ledger_id if self.change_set.cause else None

    @property
    def mailing(self) -> Mailing:
        """What the gate is asked about it."""
        held, person = self.notice.event.held, self.notice.person
        question = held.question if held and held.question else Question.CLAIMED
        return Mailing(self.notice.template, person.email, person.number, self.cause, question, self.ticket)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """What all announcements of one transaction share: where they are written, and what was read for all at once.

    `files_of_mails` is by ledger id, `files_of_comments` by the id of the event that tells of the comment.
    """

    session: Session
    services: Services
    moment: datetime
    correspondence: Correspondence
    files_of_mails: Mapping[int, Sequence[TicketFile]]
    files_of_comments: Mapping[int, Sequence[TicketFile]]


@dataclass(slots=True, kw_only=True)
class Draft:
    """A notice on its way into the outbox, with all its parts; `row`, `files` and `verdict` come one after the other.

    `facts` is what the gate knows of it. By `grant` and `box` its reader answers. `first` says that its reader, who
    is not staff, was never written to before. `earlier` are the Message-IDs that they know of the ticket, oldest first.
    The lines of `known` are nobody's secret.
    """

    announcement: Announcement
    facts: gate.GateFacts
    grant: Grant
    box: MailboxSettings
    first: bool
    earlier: Sequence[str]
    files: Sequence[FileOut] = ()
    known: str = ""
    row: NewMail = field(init=False)
    verdict: gate.Verdict = field(init=False)


def write_notices(session: Session, services: Services, announcements: Sequence[Announcement]) -> list[gate.Verdict]:
    """Render notices into the outbox; where the gate objects the row is there too, with the reason.

    1. Read what the gate and the mails need to know, for all at once.
    2. Render each notice, and write all rows with their files and Message-IDs.
    3. Ask the check for leaks and the gate about each, and carry out what they object.

    The verdicts come in the order of the notices.
    """
    if not announcements:
        return []
    # What the gate counts is asked for before these mails are among it. The database's time comes with it.
    gate_facts = read_gate_facts(session, [one.mailing for one in announcements], services.policy.own_addresses)
    context = _read_context(session, services, announcements, gate_facts[0].now)
    parts = zip(announcements, _count_in_order(gate_facts), context.correspondence.ids, strict=True)
    drafts = [_draft(context, one, facts, id_) for one, facts, id_ in parts]
    for draft in drafts:
        _render(context, draft)
    write(session, [(draft.row, draft.files) for draft in drafts])
    index_our_ids(session, [(one.row.ticket_number, one.row.message_id) for one in drafts if one.row.ticket_number])
    for draft in drafts:
        noted = draft.row.ticket_number in context.correspondence.tickets_with_notes
        leak = leaks(session, services.policy.keys, draft.row, draft.files, noted=noted, known=draft.known)
        draft.verdict = leak or gate.verdict(draft.facts, services.policy.deliver)
    for draft in drafts:
        if not isinstance(draft.verdict, gate.Send):
            carry_out_objection(session, draft.row, draft.verdict)
    return [draft.verdict for draft in drafts]


def _count_in_order(gate_facts: Sequence[gate.GateFacts]) -> list[gate.GateFacts]:
    """The gate's facts as if each had been read after the mails before it were written: those count as sent."""
    tickets_to, strangers = defaultdict[tuple[str, Proof], list[int | None]](list), 0
    counted: list[gate.GateFacts] = []
    for facts in gate_facts:
        counted_as = (caps.fold(facts.recipient), facts.proof_class)
        tickets = tickets_to[counted_as]
        times = (facts.now,) * len(tickets) + facts.send_times
        answers = None if facts.strangers is None else ((facts.now,) * strangers + facts.strangers)
        counted.append(
            replace(facts, send_times=times, send_tickets=(*tickets, *facts.send_tickets), strangers=answers)
        )
        tickets.append(facts.ticket)
        strangers += facts.strangers is not None
    return counted


def _read_context(
    session: Session, services: Services, announcements: Sequence[Announcement], moment: datetime
) -> WriteContext:
    mails = {one.cause for one in announcements if one.cause}
    comments = {one.notice.event.id for one in announcements if one.notice.event.kind is EventKind.COMMENT_ADDED}
    return WriteContext(
        session=session,
        services=services,
        moment=moment,
        correspondence=read_correspondence(session, [(one.ticket, one.notice.person.number) for one in announcements]),
        files_of_mails=files_of_mails(session, sorted(mails)),
        files_of_comments=files_of_comments(session, sorted(comments)),
    )


def _draft(context: WriteContext, announcement: Announcement, facts: gate.GateFacts, id_: int) -> Draft:
    person, kind, correspondence = announcement.notice.person, announcement.notice.template.kind, context.correspondence
    # The mailbox that the ticket came to: its address is the one that answers go to as well.
    boxes, name = context.services.settings.mailbox, correspondence.mailboxes.get(announcement.ticket or 0)
    box = next((box for box in boxes if box.name == name), boxes[0])
    grant = Grant(
        id=id_,
        kind=kind,
        mailbox=box.name,
        ticket=announcement.ticket,
        person=person.number,
        address=person.email,
        role=effective_role(person),
        expires_at=int((context.moment + TOKEN_LIVES.get(kind, TOKEN_LIFE)).timestamp()),
    )
    return Draft(
        announcement=announcement,
        facts=facts,
        grant=grant,
        box=box,
        first=not person.is_staff and person.number not in correspondence.correspondents,
        earlier=announcement.notice.event.thread
        or correspondence.threads.get((announcement.ticket or 0, person.number), ()),
    )


def _render(context: WriteContext, draft: Draft) -> None:
    """Give a draft its files and its row, which holds the template's subject and texts."""
    services, grant, notice, change_set = (
        context.services,
        draft.grant,
        draft.announcement.notice,
        draft.announcement.change_set,
    )
    values: Mapping[str, object]
    language = _language_of(services, draft)
    reader = Reader(services.renderer.words(language), first=draft.first)
    if notice.event.report:
        reads = ReportReader(context.moment, reader.words)
        content = report_content(context.session, services, notice.event.report, reads)
        values = {**template_values(notice, change_set, services.desk, (), reader), **content.context}
        draft.files = (content.chart,)
    else:
        packed = _packed(context, draft)
        # What names the ticket in the text itself, where an answer belongs to one.
        answerable = grant.ticket and grant.kind is not ReplyKind.NONE
        reference = tokens.reference(services.policy.keys, grant) if answerable else ""
        reader = replace(reader, reference=reference)
        if held := notice.event.held:
            held, *others = [
                without_signatures(context.session, services.policy.keys, one)
                for one in (held, *(waiting.held for waiting in notice.event.waiting))
            ]
            pairs = zip(notice.event.waiting, others, strict=True)
            waiting = tuple(replace(one, held=without) for one, without in pairs)
            asked = len(draft.facts.confirmations) + 1
            held = with_cap(held, is_last=asked >= caps.most_counted(caps.OFTEN_QUESTIONS))
            notice = replace(notice, event=replace(notice.event, held=held, waiting=waiting))
        values = template_values(notice, change_set, services.desk, packed, reader)
        values = with_signature(services.signatures, notice, {**values, "note_address": _note_address(services, draft)})
        draft.known = text_of(values["signature"])
        # A first mail repeats nothing: its reader may have written none of it.
        if services.settings.desk.history == "last" and not draft.first:
            values = {**values, "answered": quoted(notice, change_set, reader.words)}
        draft.files = [FileOut(one.file.filename, one.file.sha256, one.cid or None) for one in packed if one.sent]
    draft.row = _row(context, draft, services.renderer.render(notice.template.name, values, language))


def _language_of(services: Services, draft: Draft) -> str:
    """The language of the reader; a mail about no ticket belongs to no mailbox."""
    box = None if draft.announcement.ticket is None else draft.box
    return services.language_of(draft.announcement.notice.person, box)


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
    packed = choose_files(_files(context, draft.announcement))
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


def _row(context: WriteContext, draft: Draft, rendered: Rendered) -> NewMail:
    notice, grant, services = draft.announcement.notice, draft.grant, context.services
    keys, desk, reply_to = services.policy.keys, services.settings.desk, None
    if grant.kind is not ReplyKind.NONE:
        address = draft.box.address
        reply_to = tokens.reply_address(keys, grant, address) if draft.box.plus_addressing else address
    return NewMail(
        id=grant.id,
        template=notice.template.name,
        kind=grant.kind,
        mailbox=grant.mailbox,
        event_id=notice.event.id,
        ticket_number=grant.ticket,
        person_number=grant.person,
        role=grant.role,
        recipient=grant.address,
        recipient_name=reader_name(notice, first=draft.first),
        # Its tickets are answered from the mailbox itself; both addresses are the desk's own, and nobody else's.
        sender=draft.box.address if grant.ticket else desk.address,
        sender_name=from_name(notice, desk.name, draft.box.from_name or desk.from_name),
        reply_to=reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=tokens.message_id(keys, grant, services.domain),
        in_reply_to=draft.earlier[-1] if draft.earlier else None,
        references=list(draft.earlier[-MOST_REFERENCES:]),
        auto_submitted=notice.template.auto_submitted,
        dated=context.moment,
        token_expires_at=datetime.fromtimestamp(grant.expires_at, UTC),
        to_stranger=draft.facts.strangers is not None,
    )
