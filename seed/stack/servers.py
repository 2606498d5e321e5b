"""The servers that a desk stands on, running on this machine: PostgreSQL, Valkey, and mail."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from seed.stack.mailhost.server import ALIASES, FREE_PORTS, MailServer, Ports, starting_mailserver
from seed.stack.postgres import running_postgres
from seed.stack.valkey import running_valkey


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the servers are; `mail` is None where none was asked for."""

    database_url: str
    redis_url: str
    mail: MailServer | None


@dataclass(frozen=True, slots=True)
class Existing:
    """What need not be started: the servers of DATABASE_URL and REDIS_URL, the programs of PG_BIN."""

    database_url: str | None = None
    redis_url: str | None = None
    pg_bin: Path | None = None


NOTHING = Existing()


@contextmanager
def running_stack(  # noqa: PLR0913
    folder: Path,
    *,
    mail: bool = True,
    existing: Existing = NOTHING,
    fsync: bool = True,
    keep: bool = True,
    aliases: Mapping[str, str] = ALIASES,
    ports: Ports = FREE_PORTS,
) -> Iterator[Stack]:
    """Start what is missing, all at once, and stop what was started, whatever ends the block.

    A kill of this process, which leaves no block to end, ends the servers too (on Linux). As root, PostgreSQL
    runs as another user and, where that one cannot reach the folder, keeps its data under /var/tmp.

    Raises:
        StackError: a server is not installed or does not start.

    """
    with ExitStack() as servers:
        # The mail server comes up by itself while the others are started.
        starting = (
            servers.enter_context(starting_mailserver(folder / "mail", aliases=aliases, ports=ports)) if mail else None
        )
        redis_url = existing.redis_url or servers.enter_context(running_valkey(folder / "valkey"))
        database_url = existing.database_url or servers.enter_context(
            running_postgres(folder / "postgres", pg_bin=existing.pg_bin, fsync=fsync, keep=keep)
        )
        yield Stack(database_url, redis_url, starting.ready() if starting else None)
