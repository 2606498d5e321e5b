"""Looking over an installation: each part asked whether it can be used, each trouble one sentence."""

from collections.abc import Iterator
from contextlib import suppress

from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from desk.samples import SAMPLES
from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap import open_mailbox
from mail.smtp import greet
from models.engine import place
from models.repair import damage
from worker import doctor_pins, migrate
from worker.doctor_findings import Check, Finding
from worker.office import Office, imap_server, smtp_server
from worker.settings_sections import MailboxSettings

BROKER_SECONDS = 5


def templates(office: Office) -> Iterator[Finding]:
    """Every mail can be rendered from its templates."""
    troubles = office.renderer.check(SAMPLES)
    yield from (Finding("templates", trouble) for trouble in troubles)
    if not troubles:
        yield Finding("templates")


def database(office: Office) -> Iterator[Finding]:
    """The database can be reached, is at the newest revision, and has our triggers and keys."""
    part = f"database at {place(office.settings.database.url.get_secret_value())}"
    try:
        yield Finding(part, _database_trouble(office))
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()
        yield Finding(part, f"The {part} cannot be used: {said[0] if said else type(error).__name__}")


def _database_trouble(office: Office) -> str:
    found, wanted = migrate.current(office.engine), migrate.newest()
    if found != wanted:
        return f"The database is at {found or 'nothing'}, not at {wanted}: run `supportdesk db upgrade`."
    with office.engine.connect() as connection:
        missing = damage(connection)
    return f"The database misses {', '.join(missing)}: run `supportdesk db repair`." if missing else ""


def broker(office: Office) -> Iterator[Finding]:
    """The broker can be reached."""
    connection = Connection(office.settings.broker.url.get_secret_value(), connect_timeout=BROKER_SECONDS)
    part = f"broker at {connection.hostname}:{connection.port}"
    try:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS, reraise_as_library_errors=True)
        yield Finding(part)
    except (OperationalError, RedisError, OSError) as error:
        yield Finding(part, f"The {part} cannot be reached: {error}")
    finally:
        with suppress(Exception):
            connection.release()


def mailboxes(office: Office) -> Iterator[Finding]:
    """Every mailbox lets us in and has its folder."""
    return (_mailbox(office, box) for box in office.settings.mailbox)


def _mailbox(office: Office, box: MailboxSettings) -> Finding:
    part = f"mailbox {box.name}"
    try:
        with open_mailbox(imap_server(box, office.limits)) as mailbox:
            mailbox.select(box.folder)
    except (TemporaryFailure, PermanentFailure) as failure:
        return Finding(part, f"The {part} cannot be read: {failure}")
    return Finding(part)


def smtp(office: Office) -> Iterator[Finding]:
    """The outgoing server lets us in; nothing is sent."""
    try:
        greet(smtp_server(office.settings), office.domain)
        yield Finding("SMTP server")
    except (TemporaryFailure, PermanentFailure) as failure:
        yield Finding("SMTP server", f"Mail cannot be sent: {failure}")


# What a process needs before it can begin; a mail server may well be away for a while.
NEEDED: tuple[Check, ...] = (templates, database, broker)
ALL: tuple[Check, ...] = (*NEEDED, mailboxes, smtp, *doctor_pins.CHECKS)


def look_over(office: Office, checks: tuple[Check, ...] = ALL) -> Iterator[Finding]:
    """Ask each part in turn; the findings come as they are made."""
    for check in checks:
        yield from check(office)
