"""A connection by the driver alone, for a process that has no other need of the database: it spares 16 MB of memory."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg

CONNECT_TIMEOUT_SECONDS: Final = 5
# A pulse is no reason to wait, for a server that hangs as little as for a lock.
_OPTIONS: Final = "-c timezone=UTC -c search_path=public -c lock_timeout=2s -c statement_timeout=10s"
# Prisma puts its own settings into the URL; PostgreSQL's client library refuses to connect with them.
PRISMA_ONLY: Final = (
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


class Unreachable(Exception):
    """The database cannot be asked; the message is the first line of what the driver says."""


def ask_once(url: str, statement: str, values: dict[str, Any], *, application_name: str) -> tuple[Any, ...] | None:
    """Connect, run one statement with parameters such as `%(name)s`, commit, and leave; its first row.

    A connection that is kept would be one more of those that the server allows. Raises Unreachable.
    """
    try:
        with psycopg.connect(
            _for_driver(url),
            application_name=application_name,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            options=_OPTIONS,
            tcp_user_timeout=10_000,
            prepare_threshold=None,
        ) as connection:
            return connection.execute(statement.encode(), values).fetchone()
    except psycopg.Error as error:
        lines = str(error).strip().splitlines()
        raise Unreachable(lines[0] if lines else type(error).__name__) from error


def _for_driver(url: str) -> str:
    """The URL as the client library reads it: without a driver's name, and without what is Prisma's."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in PRISMA_ONLY]
    return urlunsplit(parts._replace(scheme="postgresql", query=urlencode(kept)))
