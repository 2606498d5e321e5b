"""Mails on which intake raises an error, and mails that are in quarantine."""

from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.db.claims import MOST_TRIES
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.rows import Stub, store_stub
from tests.support.database.services import SUPPORT, a_raw_mail, query, store_in_ledger
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


def parse_or_raise(raw: bytes) -> InboundMail:
    """Parse a mail; ValueError where it has the header X-Poison."""
    if b"X-Poison" in raw:
        raise ValueError("no such thing")
    return parse(raw)


def poisoned_mail(body: str = "My printer is broken.", **headers: str) -> bytes:
    """A mail with the header X-Poison."""
    return a_raw_mail(body, **{"x_poison": "yes"} | headers)


def run_all_tries(services: Services) -> None:
    """Run intake three times, so that a mail that raises uses up its tries, and announce."""
    for _ in range(MOST_TRIES):
        receive_due(services)
    announce_due(services)


def quarantine_mails(services: Services, count: int = 1) -> list[int]:
    """Put mails without a sender into quarantine; the ids of their ledger rows."""
    stored = [
        store_in_ledger(services, a_raw_mail(**{"from": "", "subject": f"No {n}", "message_id": f"<q{n}@x>"}))
        for n in range(count)
    ]
    receive_due(services)
    return [row for row in stored if row]


def a_stub(services: Services) -> int:
    """Store what the poller stores of a mail that the server refused to hand over; the id of its ledger row."""
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, "support", SUPPORT)
        row = store_stub(session, Stub(mailbox, "INBOX", 7, 900, "the server refused"))
    assert row
    return row


def fate_of(services: Services, row: int) -> str | None:
    """The fate of a ledger row."""
    found: str | None = query(services, "SELECT fate FROM mail.ledger WHERE id = :row", row=row)[0]["fate"]
    return found
