"""Mails that the desk has written, and mails to it: new ones, and answers as mail programs write them."""

from itertools import count
from typing import Any

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.outbox.delivery import read_outbox_mail
from tests.support.database.services import SUPPORT, a_raw_mail, process, query
from worker.deliver.compose import ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

NUMBERS = count(1)


def mails_to(services: Services, recipient: str, template: str = "%") -> list[dict[str, Any]]:
    """The outbox rows for a recipient, oldest first; those of one template where it is given."""
    found = "SELECT * FROM mail.outbox WHERE recipient = :to AND template LIKE :template ORDER BY id"
    return query(services, found, to=recipient, template=template)


def last_mail(services: Services, recipient: str, template: str = "%") -> dict[str, Any]:
    """The last outbox row for a recipient."""
    return mails_to(services, recipient, template)[-1]


def raw_mail(services: Services, mail: dict[str, Any]) -> bytes:
    """The bytes of an outbox row as they are sent."""
    with transaction(services.engine) as session:
        return ready_mail(session, services, read_outbox_mail(session, mail["id"])).message


def sent_mail(services: Services, mail: dict[str, Any]) -> InboundMail:
    """An outbox row as its recipient parses it."""
    return parse(raw_mail(services, mail))


def write_mail(services: Services, sender: str, text: str, **headers: str) -> Any:
    """Process a mail from a sender to the desk; its ledger row."""
    fields = {"from": sender, "to": SUPPORT, "message_id": f"<{next(NUMBERS)}@{sender.rpartition('@')[2]}>"}
    return process(services, a_raw_mail(text, **(fields | headers)))


def answer(services: Services, mail: dict[str, Any], text: str, **headers: str) -> Any:
    """Process the recipient's answer to an outbox row, which is quoted below it; the answer's ledger row."""
    quoted = "\n".join(f"> {line}" for line in str(mail["text"]).splitlines())
    fields = {
        "to": str(mail["reply_to"] or SUPPORT),
        "in_reply_to": f"<{mail['message_id']}>",
        "references": f"<{mail['message_id']}>",
        "subject": f"Re: {mail['subject'].removeprefix('Re: ')}",
    }
    body = f"{text}\n\nOn Mon, 2 Nov 2026 at 10:01, SupportDesk <{SUPPORT}> wrote:\n\n{quoted}\n"
    return write_mail(services, str(mail["recipient"]), body, **(fields | headers))
