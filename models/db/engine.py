"""The engine by which a process connects to the database; every session is in UTC."""

import time

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from models.db.errors import without_details

DRIVER = "postgresql+psycopg"
CONNECT_TIMEOUT_SECONDS = 5
POOL_SIZE = 2
# A connection that rested so long is asked for a sign of life; asking each time would be a fifth of all round trips.
RESTED_SECONDS = 2
MAX_OVERFLOW = 3

# A machine that was cut off in mid-work is noticed within half a minute: by us, who would wait for hours, and by the
# server, which would keep our locks as long. That is less than a mail may take, so that no mail is blamed for it.
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

# Prisma puts its own settings into the URL; PostgreSQL's client library refuses to connect with them.
_PRISMA_ONLY = (
    "schema",
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "pgbouncer",
    "sslaccept",
    "sslidentity",
    "sslpassword",
)


class UrlRefused(ValueError):
    """The database's URL cannot be used as it is; the message says why and never shows the URL."""


def make_engine(url: str, *, application_name: str) -> Engine:
    """An engine for the database at `url`, which may be the one that the web app's Prisma uses.

    Nothing connects yet. Raises UrlRefused where the URL names another schema than `public`, and
    sqlalchemy.exc.ArgumentError where it is no URL; what goes wrong later comes as SQLAlchemy's own errors.
    """
    address = make_url(url)
    if address.query.get("schema", "public") != "public":
        raise UrlRefused("The database's URL names another schema than public, where SupportDesk's tables must be.")
    engine = create_engine(
        address.difference_update_query(_PRISMA_ONLY).set(drivername=DRIVER),
        connect_args={
            **{name: value for name, value in _OUR_SIDE.items() if name not in address.query},
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": _options(address),
        },
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        # They are a mail's words, which no error repeats and so no log.
        hide_parameters=True,
    )
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _ask_after_a_rest)
    event.listen(engine, "handle_error", _drop_details)
    return engine


def _note_return(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _ask_after_a_rest(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    """Ask the server for a sign of life where a connection was not used for a while, for it may be gone by now."""
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
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
    """What the server calls the database that the engine is connected to."""
    with engine.connect() as connection:
        return str(connection.scalar(select(func.current_database())))


def place(url: str) -> str:
    """Host and port of a database's URL, for people to read; never its password."""
    address = make_url(url)
    return f"{address.host or 'this machine'}:{address.port or 5432}"
