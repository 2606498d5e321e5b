"""Writing a mail: the gate's first verdict, the template, and the row in the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from desk import gate, tokens
from desk.events import Happening
from desk.files import TicketFile, pack
from desk.notices import Notice
from desk.threads import power_of
from desk.tokens import Grant, Kind
from desk.views import context
from mail.render import Rendered
from models.blobs import files_of_mail, files_of_ticket
from models.conversation import know_our_id
from models.correspondence import Mailing, read_sending, thread_ids
from models.ledger import mailbox_of_ticket
from models.outbox import FileOut, OutboxRow, reserve, write
from worker.clock import now
from worker.objecting import carry_out_objection
from worker.office import Office
from worker.reports import report_content
from worker.settings_sections import MailboxSettings

TOKEN_LIFE = timedelta(days=180)
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Content:
    """What the template is given, and the files that go along."""

    context: Mapping[str, object]
    files: Sequence[FileOut]


def write_notice(session: Session, office: Office, notice: Notice, happening: Happening) -> int:
    """Render a notice into the outbox; where the gate objects the row is there too, with the reason."""
    cause = happening.cause.ledger_id if happening.cause else None
    mailing = Mailing(notice.letter, notice.person.email, notice.person.number, cause)
    # What the gate counts is asked for before this mail is one of them.
    sending = read_sending(session, mailing, office.policy.own_addresses, now())
    content = _content(session, office, notice, happening)
    rendered = office.renderer.render(notice.letter.template, content.context)
    row = _row(session, office, notice, happening, rendered)
    write(session, row, content.files)
    if row.ticket_number:
        know_our_id(session, row.ticket_number, row.message_id)
    verdict = gate.verdict(sending)
    if not isinstance(verdict, gate.Send):
        carry_out_objection(session, row, verdict)
    return row.id


def _content(session: Session, office: Office, notice: Notice, happening: Happening) -> Content:
    if notice.event.report:
        made = report_content(session, office, notice.event.report)
        return Content({**context(notice, happening, office.desk, ()), **made.context}, (made.chart,))
    packed = pack(_files(session, notice, happening))
    files = [FileOut(one.file.filename, one.file.sha256) for one in packed if one.sent]
    return Content(context(notice, happening, office.desk, packed), files)


def _files(session: Session, notice: Notice, happening: Happening) -> list[TicketFile]:
    """What came with the words that the notice repeats."""
    if notice.letter.template == "ticket-assigned" and happening.ticket:
        return files_of_ticket(session, happening.ticket.number)
    return files_of_mail(session, happening.cause.ledger_id) if notice.event.said and happening.cause else []


def _mailbox(session: Session, office: Office, happening: Happening) -> MailboxSettings:
    """The mailbox that the ticket came to, whose address its answers go to as well."""
    name = mailbox_of_ticket(session, happening.ticket.number) if happening.ticket else None
    boxes = office.settings.mailbox
    return next((box for box in boxes if box.name == name), boxes[0])


def _grant(session: Session, notice: Notice, happening: Happening, mailbox: str, moment: datetime) -> Grant:
    person = notice.person
    return Grant(
        id=reserve(session),
        kind=notice.letter.kind,
        mailbox=mailbox,
        ticket=happening.ticket.number if happening.ticket else None,
        person=person.number,
        address=person.email,
        role=power_of(person),
        expires_at=int((moment + TOKEN_LIFE).timestamp()),
    )


def _row(session: Session, office: Office, notice: Notice, happening: Happening, rendered: Rendered) -> OutboxRow:
    box, moment = _mailbox(session, office, happening), now()
    grant = _grant(session, notice, happening, box.name, moment)
    keys = office.policy.keys
    earlier = thread_ids(session, grant.ticket, notice.person.number) if grant.ticket else []
    return OutboxRow(
        id=grant.id,
        template=notice.letter.template,
        kind=grant.kind,
        mailbox=box.name,
        event_id=notice.event.id,
        ticket_number=grant.ticket,
        person_number=grant.person,
        role=grant.role,
        recipient=grant.address,
        recipient_name=notice.person.name,
        sender=office.settings.desk.address,
        sender_name=office.settings.desk.name,
        reply_to=_reply_to(keys, grant, box),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=tokens.message_id(keys, grant, office.domain),
        in_reply_to=earlier[-1] if earlier else None,
        references=earlier[-MOST_REFERENCES:],
        auto_submitted=notice.letter.auto_submitted,
        dated=moment,
        token_expires_at=datetime.fromtimestamp(grant.expires_at, UTC),
    )


def _reply_to(keys: tokens.Keys, grant: Grant, box: MailboxSettings) -> str | None:
    if grant.kind is Kind.NONE:
        return None
    return tokens.reply_address(keys, grant, box.address) if box.plus_addressing else box.address
