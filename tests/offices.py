"""An office on a test's database, with people in it, and mails put straight into its ledger."""

from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

from sqlalchemy import text

from desk.ticket import Role
from mail.identity import peek
from models.ledger import Storing, store
from models.mailboxes import ensure_mailbox
from models.staff import add_staff
from worker.announce import announce_due
from worker.intake import receive_due
from worker.office import Office, open_office
from worker.settings import load_settings
from worker.transaction import transaction

EXAMPLE = Path(__file__).parent.parent / "supportdesk.toml"
SECRET = "a secret of the tests, 32 bytes long"
SUPPORT = "support@desk.example"


def an_office(database_url: str, **environ: str) -> Office:
    """The example settings on this database; further settings as environment variables without their prefix."""
    needed = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }
    further = {f"SUPPORTDESK_{name}": value for name, value in environ.items()}
    return open_office(load_settings(EXAMPLE, needed | further), application_name="tests")


def hire(office: Office, email: str, role: Role = Role.AGENT) -> None:
    """Make somebody staff."""
    with transaction(office.engine, quiet=True) as session:
        add_staff(session, email, role, name=email.partition("@")[0].title(), now=datetime.now(UTC))


def a_raw_mail(body: str = "My printer is broken.", **headers: str) -> bytes:
    """A plain mail; header names are written with underscores, `From_` may be given as `sender`."""
    message = Message()
    given = {"from": "Ann <ann@customer.example>", "to": SUPPORT, "subject": "Printer", "message_id": "<1@customer>"}
    for name, value in (given | headers).items():
        message[name.replace("_", "-").title()] = value
    message.set_payload(body.encode(), "utf-8")
    return message.as_bytes()


def deliver_to_ledger(office: Office, raw: bytes, uid: int | None = None) -> int | None:
    """Store a mail as the poller does; the ledger row, None where it was there already."""
    seen = peek(raw)
    with transaction(office.engine) as session:
        mailbox = ensure_mailbox(session, "support", SUPPORT)
        number = uid or session.scalars(text("SELECT coalesce(max(uid), 0) + 1 FROM mail.ledger")).one()
        storing = Storing(mailbox, "INBOX", 7, number, None, seen.message_id, seen.refers, seen.fingerprint, raw)
        return store(session, storing)


def take_in(office: Office, raw: bytes) -> Any:
    """Store a mail, decide everything and announce it; the ledger row as a mapping."""
    row = deliver_to_ledger(office, raw)
    receive_due(office)
    announce_due(office)
    return rows(office, "SELECT * FROM mail.ledger WHERE id = :row", row=row)[0]


def rows(office: Office, statement: str, **values: object) -> list[dict[str, Any]]:
    """What a statement finds, each row as a dict."""
    with office.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(statement), values).mappings()]


def run(office: Office, *statements: str, **values: object) -> None:
    """Run statements as another program would: in one transaction of its own, with no actor."""
    with office.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
