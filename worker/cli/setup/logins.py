"""Each login is tried as it is answered: a sentence says what is wrong, and there is none where it is right."""

import socket
from contextlib import suppress

from kombu.exceptions import KombuError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from mail.failures import PermanentFailure, TemporaryFailure
from mail.imap.mailbox import open_mailbox
from mail.server import Server, reason_of
from mail.smtp.connection import SmtpServer, try_login
from models.db.clock import read_clock
from models.db.engine import UrlRefused, host_and_port, make_engine
from worker.cli.setup.answers import Login
from worker.runtime.broker import broker_at, reason_of_broker
from worker.runtime.transaction import autocommit

STEP_SECONDS = 15
INBOX = "INBOX"
NO_URL = "That is no URL of a {}; it looks like {}."
DATABASE_EXAMPLE = "postgresql://supportdesk:password@localhost/supportdesk"
BROKER_EXAMPLE = "redis://localhost:6379/0"


def try_imap(login: Login) -> str | None:
    """Log in, and open the inbox; where somebody has to agree first, connect."""
    if login.awaits_consent:
        return _try_place(login)
    try:
        with open_mailbox(imap_of(login), 4 * STEP_SECONDS) as mailbox:
            mailbox.select(INBOX)
    except (TemporaryFailure, PermanentFailure) as failure:
        return f"The mailbox cannot be read: {failure}."
    return None


def try_smtp(login: Login, domain: str) -> str | None:
    """Log in where there is a user, and send nothing; where somebody has to agree first, connect."""
    if login.awaits_consent:
        return _try_place(login)
    try:
        try_login(smtp_of(login), domain)
    except (TemporaryFailure, PermanentFailure) as failure:
        return f"Mail cannot be sent: {failure}."
    return None


def try_database(url: str) -> str | None:
    """Connect, and ask for the time."""
    try:
        engine = make_engine(url, application_name="supportdesk init")
    except UrlRefused as failure:
        return str(failure)
    except SQLAlchemyError:
        return NO_URL.format("database", DATABASE_EXAMPLE)
    try:
        with autocommit(engine) as session:
            read_clock(session)
    except SQLAlchemyError as error:
        reason = (str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__])[0]
        return f"The database at {host_and_port(url)} cannot be used: {reason.rstrip('.')}."
    finally:
        engine.dispose()
    return None


def try_broker(url: str) -> str | None:
    """Connect to the broker."""
    if not url.startswith(("redis://", "rediss://", "redis+socket://")):
        return NO_URL.format("broker", BROKER_EXAMPLE)
    connection = None
    try:
        connection = broker_at(url, STEP_SECONDS)
        connection.ensure_connection(max_retries=1, timeout=STEP_SECONDS, reraise_as_library_errors=True)
    except (KombuError, RedisError, OSError, ValueError) as error:
        return f"The broker cannot be reached: {reason_of_broker(error).rstrip('.')}."
    finally:
        with suppress(Exception):
            if connection:
                connection.release()
    return None


def _try_place(login: Login) -> str | None:
    try:
        socket.create_connection((login.host, login.port), STEP_SECONDS).close()
    except OSError as error:
        return f"{login.host}:{login.port} cannot be reached: {reason_of(error)}."
    return None


def imap_of(login: Login) -> Server:
    """The IMAP server of an answer; a password that would cross a network in the clear is refused when it is used."""
    return Server(login.host, login.port, login.security, login.user, login.password, STEP_SECONDS, bearer=login.bearer)


def smtp_of(login: Login) -> SmtpServer:
    """The SMTP server of an answer."""
    return SmtpServer(
        login.host, login.port, login.security, login.user, login.password, STEP_SECONDS, bearer=login.bearer
    )
