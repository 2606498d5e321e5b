"""Services on the database of a test, its staff, mails stored in its ledger, and SQL on it."""

from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from click.testing import Result
from sqlalchemy import text

from desk.ticket import Role
from mail.mime.message_ids import peek
from mail.outbound.catalogue import SHIPPED_TEMPLATES
from mail.outbound.render import Renderer
from mail.server import Server
from models.ledger.mailboxes import ensure_mailbox
from models.ledger.rows import NewMail, store
from models.people.staff import add_staff
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services, open_services
from worker.runtime.transaction import transaction
from worker.settings.load import load_settings

EXAMPLE = Path(__file__).parents[3] / "supportdesk.toml"
SECRET = "a secret of the tests, 32 bytes long"
SUPPORT = "support@desk.example"
Staff = tuple[str, Role]
ADMIN: Staff = ("ada@desk.example", Role.ADMIN)
AGENT: Staff = ("bob@desk.example", Role.AGENT)
SECOND_AGENT: Staff = ("cat@desk.example", Role.AGENT)


class MakeServices(Protocol):
    """`services_on` for the database of a test; what it opens is closed when the test ends."""

    def __call__(self, *past: Staff | bytes, **settings: str) -> Services: ...


class Supportdesk(Protocol):
    """Runs the command line program in this process; its arguments are turned into strings."""

    def __call__(self, *words: object, color: bool = False) -> Result: ...


def services_on(database_url: str, *past: Staff | bytes, **settings: str) -> Services:
    """Services with the example settings on a database, after these people became staff and these mails were processed.

    Further settings are named as environment variables without their prefix, those of the mailbox `support` by their
    last part alone, such as FROM_START.
    """
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }
    for name, value in settings.items():
        environ[f"SUPPORTDESK_{name}" if "__" in name else f"SUPPORTDESK_MAILBOX__SUPPORT__{name}"] = value
    services = open_services(load_settings(EXAMPLE, environ), application_name="tests")
    if not services.settings.templates.folder:
        # As in a process that works for long, each template is compiled once.
        vars(services)["renderer"] = _shipped_templates()
    for one in past:
        if isinstance(one, bytes):
            process(services, one)
        else:
            make_staff(services, *one)
    return services


@cache
def _shipped_templates() -> Renderer:
    return Renderer(SHIPPED_TEMPLATES)


def mailbox_of(server: Server) -> dict[str, str]:
    """The settings of a mailbox on this server."""
    return {"HOST": server.host, "PORT": str(server.port), "USER": server.user}


def report_is_due() -> dict[str, str]:
    """The settings of a daily report that is due since a minute ago."""
    days = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    return {"REPORT__DAILY__AT": f"{datetime.now(UTC) - timedelta(minutes=1):%H:%M}", "REPORT__DAILY__DAYS": days}


def make_staff(services: Services, email: str, role: Role = Role.AGENT) -> None:
    """Make a person with this address an agent or an admin; the name is the local part of the address."""
    with transaction(services.engine, quiet=True) as session:
        add_staff(session, email, role, name=email.partition("@")[0].title(), now=datetime.now(UTC))


def a_raw_mail(body: str = "My printer is broken.", **headers: str) -> bytes:
    """A mail with one text part from Ann to the desk; headers are named with underscores, and replace those it has."""
    message = Message()
    given = {"from": "Ann <ann@customer.example>", "to": SUPPORT, "subject": "Printer", "message_id": "<1@customer>"}
    for name, value in (given | headers).items():
        message[name.replace("_", "-").title()] = value
    message.set_payload(body.encode(), "utf-8")
    return message.as_bytes()


def store_in_ledger(services: Services, raw: bytes, uid: int | None = None, box: str = "support") -> int | None:
    """Store a mail as the poller does; the id of its ledger row, None where it was there already."""
    seen = peek(raw)
    with transaction(services.engine) as session:
        mailbox = ensure_mailbox(session, box, f"{box}@desk.example")
        number = uid or session.scalars(text("SELECT coalesce(max(uid), 0) + 1 FROM mail.ledger")).one()
        storing = NewMail(mailbox, "INBOX", 7, number, None, seen.message_id, seen.refers, seen.fingerprint, raw)
        return store(session, storing)


def process(services: Services, raw: bytes) -> Any:
    """Store a mail, then decide and announce all that waits; the mail's ledger row."""
    row = store_in_ledger(services, raw)
    receive_due(services)
    announce_due(services)
    return query(services, "SELECT * FROM mail.ledger WHERE id = :row", row=row)[0]


def query(services: Services, statement: str, **values: object) -> list[dict[str, Any]]:
    """The rows that a statement finds, each as a dict by column."""
    with services.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(statement), values).mappings()]


def execute(services: Services, *statements: str, **values: object) -> None:
    """Execute statements as another program would: in one transaction of its own, with no actor set."""
    with services.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})


def participants(services: Services, number: int | None = None) -> set[str]:
    """The addresses of the participants of a ticket, or of all tickets."""
    found = """SELECT u.email FROM mail.participant p JOIN mail.person n ON n.number = p.person_number
        JOIN "User" u ON u.id = n.user_id WHERE p.ticket_number = coalesce(:number, p.ticket_number)"""
    return {row["email"] for row in query(services, found, number=number)}


def guests(services: Services, number: int | None = None) -> set[str]:
    """The addresses that were added to a ticket, or to all tickets, and are no person yet."""
    found = "SELECT address FROM mail.guest WHERE ticket_number = coalesce(:number, ticket_number)"
    return {row["address"] for row in query(services, found, number=number)}
