"""Writing mails: the gate's first verdict, the template, and the row in the outbox; for many mails at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from desk import caps, gate, tokens
from desk.events import EventKind, Happening
from desk.files import TicketFile, pack
from desk.gate import Sending
from desk.notices import Notice
from desk.threads import power_of
from desk.tokens import Grant, Kind
from desk.views import context, name_of
from mail.render import Rendered
from models.blobs import files_of_mails, files_of_ticket
from models.conversation import know_our_ids
from models.correspondence import Correspondence, read_correspondence
from models.outbox import FileOut, OutboxRow, write
from models.said import files_of_comments
from models.sendings import Mailing, read_sendings
from worker.clock import now
from worker.leaks import leaks
from worker.objecting import carry_out_objection
from worker.office import Office
from worker.reports import report_content
from worker.settings_sections import MailboxSettings

# A question whether a mail is somebody's wants its answer soon (SECURITY, Confirmation).
TOKEN_LIVES = {Kind.CONFIRM: timedelta(hours=72)}
TOKEN_LIFE = timedelta(days=180)
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with the happening that it tells of."""

    notice: Notice
    happening: Happening

    @property
    def ticket(self) -> int | None:
        """The number of the ticket that it is about."""
        return self.happening.ticket.number if self.happening.ticket else None

    @property
    def cause(self) -> int | None:
        """The ledger id of the mail that brought it about."""
        return self.happening.cause.ledger_id if self.happening.cause else None

    @property
    def mailing(self) -> Mailing:
        """What the gate is asked about it."""
        return Mailing(self.notice.letter, self.notice.person.email, self.notice.person.number, self.cause)


@dataclass(frozen=True, slots=True)
class Files:
    """The files that came with what is told: of mails by ledger id, of comments by the event that tells of them."""

    of_mails: Mapping[int, Sequence[TicketFile]]
    of_comments: Mapping[int, Sequence[TicketFile]]


@dataclass(frozen=True, slots=True)
class Writing:
    """A mail on its way into the outbox: what it tells to whom, what it gives them, and by which mailbox they answer.

    `first` says that its reader, who is not staff, was never written to before. `earlier` are the Message-IDs that
    they know of the ticket, oldest first.
    """

    office: Office
    told: Told
    box: MailboxSettings
    grant: Grant
    moment: datetime
    first: bool
    earlier: Sequence[str]

    @property
    def notice(self) -> Notice:
        """What it tells to whom."""
        return self.told.notice


@dataclass(frozen=True, slots=True)
class Content:
    """What the template is given, and the files that go along."""

    context: Mapping[str, object]
    files: Sequence[FileOut]


def write_notices(session: Session, office: Office, told: Sequence[Told]) -> list[gate.Verdict]:
    """Render notices into the outbox; where the gate objects the row is there too, with the reason.

    The verdicts come in the order of the notices.
    """
    if not told:
        return []
    # What the gate counts is asked for before these mails are among it.
    sendings = _counted(read_sendings(session, [one.mailing for one in told], office.policy.own_addresses, now()))
    before = read_correspondence(session, [(one.ticket, one.notice.person.number) for one in told])
    files = _read_files(session, told)
    mails = [_mail(session, writing, files) for writing in _begin(office, told, before)]
    for (row, _), sending in zip(mails, sendings, strict=True):
        row.to_stranger = sending.strangers is not None
    write(session, mails)
    know_our_ids(session, [(row.ticket_number, row.message_id) for row, _ in mails if row.ticket_number])
    verdicts = [
        leaks(session, office.policy.keys, row, along, noted=row.ticket_number in before.noted) or gate.verdict(sending)
        for (row, along), sending in zip(mails, sendings, strict=True)
    ]
    for (row, _), verdict in zip(mails, verdicts, strict=True):
        if not isinstance(verdict, gate.Send):
            carry_out_objection(session, row, verdict)
    return verdicts


def _counted(sendings: Sequence[Sending]) -> list[Sending]:
    """The mails as if each had been asked about after those before it had been written."""
    went, strangers = Counter[str](), 0
    counted: list[Sending] = []
    for sending in sendings:
        address = caps.fold(sending.recipient)
        times = (sending.now,) * went[address]
        answers = None if sending.strangers is None else ((sending.now,) * strangers + sending.strangers)
        counted.append(replace(sending, went=times + sending.went, strangers=answers))
        went[address] += 1
        strangers += sending.strangers is not None
    return counted


def _begin(office: Office, told: Sequence[Told], before: Correspondence) -> Iterator[Writing]:
    moment = now()
    for one, id_ in zip(told, before.ids, strict=True):
        box, person = _mailbox(office, before.mailboxes.get(one.ticket or 0)), one.notice.person
        life = TOKEN_LIVES.get(one.notice.letter.kind, TOKEN_LIFE)
        grant = Grant(
            id=id_,
            kind=one.notice.letter.kind,
            mailbox=box.name,
            ticket=one.ticket,
            person=person.number,
            address=person.email,
            role=power_of(person),
            expires_at=int((moment + life).timestamp()),
        )
        first = not person.is_staff and person.number not in before.met
        yield Writing(office, one, box, grant, moment, first, before.threads.get((one.ticket or 0, person.number), ()))


def _mailbox(office: Office, name: str | None) -> MailboxSettings:
    """The mailbox that the ticket came to, whose address its answers go to as well."""
    boxes = office.settings.mailbox
    return next((box for box in boxes if box.name == name), boxes[0])


def _read_files(session: Session, told: Sequence[Told]) -> Files:
    comments = {one.notice.event.id for one in told if one.notice.event.kind is EventKind.COMMENT_ADDED}
    mails = {one.cause for one in told if one.cause}
    return Files(files_of_mails(session, sorted(mails)), files_of_comments(session, sorted(comments)))


def _mail(session: Session, writing: Writing, files: Files) -> tuple[OutboxRow, Sequence[FileOut]]:
    content = _content(session, writing, files)
    rendered = writing.office.renderer.render(writing.notice.letter.template, content.context)
    return _row(writing, rendered), content.files


def _content(session: Session, writing: Writing, files: Files) -> Content:
    office, notice, happening = writing.office, writing.notice, writing.told.happening
    if notice.event.report:
        made = report_content(session, office, notice.event.report)
        return Content({**context(notice, happening, office.desk, ()), **made.context}, (made.chart,))
    packed = pack(_files(session, writing.told, files))
    along = [FileOut(one.file.filename, one.file.sha256) for one in packed if one.sent]
    reference = _reference(office.policy.keys, writing.grant)
    return Content(context(notice, happening, office.desk, packed, reference=reference, first=writing.first), along)


def _reference(keys: tokens.Keys, grant: Grant) -> str:
    """What names the ticket in the text itself, where an answer belongs to one."""
    return tokens.reference(keys, grant) if grant.ticket and grant.kind is not Kind.NONE else ""


def _files(session: Session, told: Told, files: Files) -> Sequence[TicketFile]:
    """What came with the words that the notice repeats."""
    event = told.notice.event
    of_mail = files.of_mails.get(told.cause or 0, ())
    if told.notice.letter.template == "ticket-assigned" and told.ticket:
        opened = event.kind is EventKind.TICKET_OPENED and told.cause
        return of_mail if opened else files_of_ticket(session, told.ticket)
    if event.kind is EventKind.COMMENT_ADDED:
        return files.of_comments.get(event.id, ())
    return of_mail if event.said else ()


def _row(writing: Writing, rendered: Rendered) -> OutboxRow:
    notice, grant, office = writing.notice, writing.grant, writing.office
    keys, desk = office.policy.keys, office.settings.desk
    return OutboxRow(
        id=grant.id,
        template=notice.letter.template,
        kind=grant.kind,
        mailbox=grant.mailbox,
        event_id=notice.event.id,
        ticket_number=grant.ticket,
        person_number=grant.person,
        role=grant.role,
        recipient=grant.address,
        recipient_name=name_of(notice, first=writing.first),
        sender=desk.address,
        sender_name=desk.name,
        reply_to=_reply_to(keys, grant, writing.box),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=tokens.message_id(keys, grant, office.domain),
        in_reply_to=writing.earlier[-1] if writing.earlier else None,
        references=list(writing.earlier[-MOST_REFERENCES:]),
        auto_submitted=notice.letter.auto_submitted,
        dated=writing.moment,
        token_expires_at=datetime.fromtimestamp(grant.expires_at, UTC),
    )


def _reply_to(keys: tokens.Keys, grant: Grant, box: MailboxSettings) -> str | None:
    if grant.kind is Kind.NONE:
        return None
    return tokens.reply_address(keys, grant, box.address) if box.plus_addressing else box.address
