"""Mails of the desk of a test as they leave it, and answers to them as mail programs write them."""

from itertools import count
from typing import Any

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.outbox.delivery import read_outbox_mail
from tests.support.database.services import SUPPORT, a_raw_mail, rows, take_in
from worker.deliver.compose import ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

NUMBERS = count(1)


def mails_to(services: Services, recipient: str, template: str = "%") -> list[dict[str, Any]]:
    """The rows of the outbox for somebody, oldest first; only those of one template where it is given."""
    found = "SELECT * FROM mail.outbox WHERE recipient = :to AND template LIKE :template ORDER BY id"
    return rows(services, found, to=recipient, template=template)


def last_to(services: Services, recipient: str, template: str = "%") -> dict[str, Any]:
    """The last mail that somebody gets from us."""
    return mails_to(services, recipient, template)[-1]


def raw_of(services: Services, mail: dict[str, Any]) -> bytes:
    """A mail of the outbox as it goes over the wire."""
    with transaction(services.engine) as session:
        return ready_mail(session, services, read_outbox_mail(session, mail["id"])).message


def as_sent(services: Services, mail: dict[str, Any]) -> InboundMail:
    """A mail of the outbox as its reader's program understands it."""
    return parse(raw_of(services, mail))


def write(services: Services, sender: str, text: str, **headers: str) -> Any:
    """A mail of somebody to the desk, taken in and announced; its ledger row."""
    given = {"from": sender, "to": SUPPORT, "message_id": f"<{next(NUMBERS)}@{sender.rpartition('@')[2]}>"}
    return take_in(services, a_raw_mail(text, **(given | headers)))


def answer(services: Services, mail: dict[str, Any], text: str, **headers: str) -> Any:
    """The recipient's answer to a mail of ours, with all of it quoted below; its ledger row."""
    quoted = "\n".join(f"> {line}" for line in str(mail["text"]).splitlines())
    given = {
        "to": str(mail["reply_to"] or SUPPORT),
        "in_reply_to": f"<{mail['message_id']}>",
        "references": f"<{mail['message_id']}>",
        "subject": f"Re: {mail['subject'].removeprefix('Re: ')}",
    }
    body = f"{text}\n\nOn Mon, 2 Nov 2026 at 10:01, SupportDesk <{SUPPORT}> wrote:\n\n{quoted}\n"
    return write(services, str(mail["recipient"]), body, **(given | headers))
