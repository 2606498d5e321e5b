"""The engine by which a process connects to the database; every session is in UTC."""

import time

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from models.db.errors import without_details
from models.db.light import CONNECT_TIMEOUT_SECONDS, PRISMA_ONLY
from models.db.wire import PREPARES

DRIVER = "postgresql+psycopg"
POOL_SIZE = 2
# A connection that was idle for so long is tested before use; testing each time would be a fifth of all round trips.
IDLE_SECONDS = 2
MAX_OVERFLOW = 3

# Both sides notice within half a minute that the other machine was cut off: else we would wait for hours, and the
# server would keep our locks as long. That is less than a mail may take, so no mail is charged for it.
_OUR_SIDE = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_SERVERS_SIDE = (
    "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30s"
    " -c lock_timeout=30s"
)

# SupportDesk's tables are in `public` whatever the role's own search path is.
_SESSION = "-c timezone=UTC -c search_path=public"

_READ_ONLY = " -c default_transaction_read_only=on"

# Prisma takes both.
_BACKENDS = ("postgresql", "postgres")


class UrlRefused(ValueError):
    """The database's URL cannot be used as it is; the message says why and never shows the URL."""


def make_engine(url: str, *, application_name: str, read_only: bool = False) -> Engine:
    """An engine for the database at `url`, which may be the one that the web app's Prisma uses.

    Transactions of one that is `read_only` can write nothing. Nothing connects yet. Raises UrlRefused where the URL is
    of another kind of database or names another schema than `public`, and sqlalchemy.exc.ArgumentError where it is no
    URL; what goes wrong later comes as SQLAlchemy's own errors.
    """
    try:
        address = make_url(url)
    except ValueError:
        raise UrlRefused("The database's URL cannot be read: its port must be a number.") from None
    if address.get_backend_name() not in _BACKENDS:
        raise UrlRefused(f"The database's URL begins with {address.drivername}://, and the desk needs PostgreSQL.")
    if address.query.get("schema", "public") != "public":
        raise UrlRefused("The database's URL names another schema than public, where SupportDesk's tables must be.")
    engine = create_engine(
        address.difference_update_query(PRISMA_ONLY).set(drivername=DRIVER),
        connect_args={
            **{name: value for name, value in _OUR_SIDE.items() if name not in address.query},
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": _options(address) + (_READ_ONLY if read_only else ""),
            # The driver's own would drop ours with them at each roll-back.
            "prepare_threshold": None,
        },
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        # Parameters are the words of a mail, which no error and no log may repeat.
        hide_parameters=True,
        # Prisma's word for a pooler that hands each transaction another connection and keeps no prepared statements.
        execution_options={PREPARES: address.query.get("pgbouncer") != "true"},
    )
    event.listen(engine, "checkin", _record_return)
    event.listen(engine, "checkout", _test_after_idling)
    event.listen(engine, "handle_error", _drop_details)
    return engine


def _record_return(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _test_after_idling(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    """Run a statement where a connection was idle for a while, as the server may be gone by now."""
    if time.monotonic() - record.info.get("idle_since", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.cursor().execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _drop_details(context: ExceptionContext) -> None:
    without_details(context.original_exception, context.sqlalchemy_exception)


def _options(address: URL) -> str:
    given = address.query.get("options", ())
    return " ".join([_SERVERS_SIDE, *([given] if isinstance(given, str) else given), _SESSION])


def database_name(engine: Engine) -> str:
    """The name of the database that the engine is connected to."""
    with engine.connect() as connection:
        return str(connection.scalar(select(func.current_database())))


def host_and_port(url: str) -> str:
    """Host and port of a database's URL, for people to read; never its password."""
    address = make_url(url)
    return f"{address.host or 'this machine'}:{address.port or 5432}"
