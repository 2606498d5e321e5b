"""The sixty answers at a desk: customers write, agents answer, and the desk sends on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy import text

from bench.answers.contents import COUNT, Content, content
from bench.answers.message import Answer, Ours, write_answer
from mail.mime.message_ids import peek
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.rows import NewMail, store
from models.outbox.delivery import read_outbox_mail
from worker.announce.run import announce_due
from worker.deliver.compose import ready_mail
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

CUSTOMER = "Ann Okafor"
REQUEST = "My printer has been broken since Tuesday, could you have a look at it?"
SUPPORT = "support@desk.example"
# The answer of a number, as an agent writes it to a customer; both are full names.
Writer = Callable[[int, str, str], Content]


@dataclass(frozen=True, slots=True)
class Played:
    """One answer, the mail that it answers, and the mail to the customer as bytes.

    Where nothing came to the customer, the bytes are empty and `why` says what the ledger or the gate says.
    """

    content: Content
    ours: Ours
    answer: Answer
    sent: bytes
    why: str


def play(services: Services, results: str = "", count: int = COUNT, write: Writer = content) -> list[Played]:
    """Let customers write and agents answer; `results` is what the mail server says of the agents (RFC 8601)."""
    _store(services, [_request(number) for number in range(count)])
    _work(services)
    every = [(number, _mail_to_agent(services, number)) for number in range(count)]
    contents = [write(number, ours.agent_name, CUSTOMER) for number, ours in every]
    answers = [write_answer(one, ours, results) for one, (_, ours) in zip(contents, every, strict=True)]
    _store(services, [answer.raw for answer in answers])
    _work(services)
    return [
        Played(one, ours, answer, *_mail_to_customer(services, one.number))
        for one, (_, ours), answer in zip(contents, every, answers, strict=True)
    ]


def customer_of(number: int) -> str:
    """Return the address of a customer; each has a domain, as no flood is played."""
    return f"ann@customer{number}.example"


def _request(number: int) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = f"{CUSTOMER} <{customer_of(number)}>", SUPPORT
    mail["Subject"], mail["Message-ID"] = f"Printer {number + 1}", f"<request-{number}@customer{number}.example>"
    mail.set_content(REQUEST)
    return mail.as_bytes()


def _store(services: Services, mails: list[bytes]) -> None:
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, "support", SUPPORT)
        first = session.scalars(text("SELECT coalesce(max(uid), 0) + 1 FROM mail.ledger")).one()
        for uid, raw in enumerate(mails, first):
            seen = peek(raw)
            store(session, NewMail(mailbox, "INBOX", 7, uid, None, seen.message_id, seen.refers, seen.fingerprint, raw))


def _work(services: Services) -> None:
    while receive_due(services).done or announce_due(services).done:
        pass


def _rows(services: Services, statement: str, **values: object) -> Iterator[dict[str, object]]:
    with services.engine.connect() as connection:
        yield from (dict(row) for row in connection.execute(text(statement), values).mappings())


MAIL_TO_AGENT = """SELECT o.recipient, o.recipient_name, o.sender_name, coalesce(o.reply_to, o.sender) AS address,
        o.subject, o.message_id, o.text, o.html
    FROM mail.outbox o JOIN mail.ledger l ON l.ticket_number = o.ticket_number
    WHERE l.sender = :customer AND o.template = 'ticket-assigned' ORDER BY o.id LIMIT 1"""
MAIL_TO_CUSTOMER = """SELECT id, template, fate, reason FROM mail.outbox
    WHERE recipient = :customer AND template <> 'ticket-opened' ORDER BY id"""
FATE = "SELECT fate, reason FROM mail.ledger WHERE message_id LIKE :named"


def _mail_to_agent(services: Services, number: int) -> Ours:
    row = next(_rows(services, MAIL_TO_AGENT, customer=customer_of(number)))
    named = ("recipient", "recipient_name", "sender_name", "address", "subject", "message_id", "text", "html")
    return Ours(*(str(row[name]) for name in named))


def _mail_to_customer(services: Services, number: int) -> tuple[bytes, str]:
    """Return the bytes of the mail to the customer and nothing, or no bytes and why there are none."""
    rows = list(_rows(services, MAIL_TO_CUSTOMER, customer=customer_of(number)))
    if not rows:
        fate = next(_rows(services, FATE, named=f"answer-{number}@%"))
        return b"", f"no mail to the customer; the answer is {fate['fate']}: {fate['reason']}"
    if rows[0]["fate"]:
        return b"", f"the mail to the customer is {rows[0]['fate']}: {rows[0]['reason']}"
    with transaction(services.engine) as session:
        row = int(str(rows[0]["id"]))
        return ready_mail(session, services, read_outbox_mail(session, row)).message, ""
