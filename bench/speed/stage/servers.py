"""The servers of the benchmark, with fsync on, and desks on them, each with its own database and mailbox."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis
from sqlalchemy import make_url, text

from bench.speed.mails import MX, Mail
from bench.speed.stage.tree import Tree
from bench.staff import plant_staff
from mail.imap.mailbox import open_mailbox
from mail.server import Security, Server
from seed.stack import dovecot
from seed.stack.child import free_port
from seed.stack.mailhost.server import running_mailserver
from seed.stack.postgres import running_postgres
from seed.stack.valkey import running_valkey
from worker.admin.migrate import upgrade
from worker.runtime.services import Services, open_services
from worker.settings.load import load_settings

# The settings are those that the program comes with.
SHIPPED = Path(__file__).resolve().parents[3] / "supportdesk.toml"
# With so many agents 2,000 mails, which are 2,000 notices to staff, bring nobody to the caps.
FEWEST_AGENTS = 20
# Statements are counted by pg_stat_statements, which costs nothing while its tracking is off.
SERVER = {
    "shared_preload_libraries": "pg_stat_statements",
    "track_commit_timestamp": "on",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
}


@dataclass(frozen=True, slots=True)
class Imap:
    """The IMAP server: what it is, and where."""

    name: str
    port: int
    password: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The running servers, the port at which a sink may listen for SMTP, and the tree whose processes work on them.

    Without a tree it is this one.
    """

    folder: Path
    database_url: str
    redis_url: str
    imap: Imap
    smtp_port: int
    tree: Tree | None = None

    def administer(self, statement: str) -> None:
        """Run one statement outside any transaction, as the superuser."""
        with psycopg.connect(libpq_url(self.database_url), autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class Desk:
    """A migrated desk without processes: its services, and the folder for the logs of its processes."""

    stage: Stage
    services: Services
    folder: Path

    def count(self, statement: str) -> int:
        """The number that a statement of one row and one column gives."""
        with self.services.engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar_one())


def libpq_url(url: str) -> str:
    """A database's URL in the form that libpq reads, without SQLAlchemy's driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def running_stage(folder: Path) -> Iterator[Stage]:
    """Start the servers, and stop them at the end; with Dovecot where it is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as servers:
        url = servers.enter_context(running_postgres(folder / "postgres", keep=False, settings=SERVER))
        redis_url = servers.enter_context(running_valkey(folder / "valkey"))
        stage = Stage(folder, url, redis_url, _start_imap(servers, folder), free_port())
        stage.administer("CREATE EXTENSION pg_stat_statements")
        track_statements(stage, "none")
        yield stage


def track_statements(stage: Stage, what: str) -> None:
    """Let the server count statements (`all`) or not (`none`)."""
    stage.administer(f"ALTER SYSTEM SET pg_stat_statements.track = '{what}'")
    stage.administer("SELECT pg_reload_conf()")


def _start_imap(servers: ExitStack, folder: Path) -> Imap:
    if dovecot.dovecot_binary():
        port = servers.enter_context(dovecot.running_dovecot(folder / "dovecot"))
        return Imap("Dovecot", port, dovecot.PASSWORD)
    server = servers.enter_context(running_mailserver(folder / "mail"))
    return Imap("mail-devel", server.imap_port, server.password)


@contextmanager
def migrated_desk(
    stage: Stage, name: str, further: Mapping[str, str] | None = None, *, agents: int = FEWEST_AGENTS
) -> Iterator[Desk]:
    """Set up a migrated desk with an admin and agents; every process started inside reads its settings.

    A second desk of a name is called otherwise: the mailbox of the first one is full.
    """
    name = f"{name}_{len(list(stage.folder.glob(f'{name}*')))}"
    folder = stage.folder / name
    folder.mkdir()
    stage.administer(f"CREATE DATABASE {name}")
    before = dict(os.environ)
    _set_environment(stage, name, further or {})
    services = open_services(load_settings(None, os.environ), application_name="bench")
    try:
        with Redis.from_url(stage.redis_url) as broker:
            broker.flushdb()
        if stage.tree:
            stage.tree.prepare(agent_names(agents))
        else:
            upgrade(services.engine)
            plant_staff(services, agent_names(agents))
        yield Desk(stage, services, folder)
    finally:
        services.engine.dispose()
        os.environ.clear()
        os.environ.update(before)
        stage.administer(f"DROP DATABASE {name} WITH (FORCE)")


def _set_environment(stage: Stage, name: str, further: Mapping[str, str]) -> None:
    environ = environment(stage, name, further)
    os.environ.clear()
    os.environ.update(environ)


def environment(stage: Stage, name: str, further: Mapping[str, str]) -> dict[str, str]:
    """The environment in which processes find a desk of this name, without what this process was told of another."""
    url = make_url(stage.database_url).set(database=name).render_as_string(hide_password=False)
    outside = {variable: value for variable, value in os.environ.items() if not variable.startswith("SUPPORTDESK_")}
    return outside | {
        "DATABASE_URL": url,
        "REDIS_URL": stage.redis_url,
        "SUPPORTDESK_CONFIG": str(SHIPPED),
        "SUPPORTDESK_DESK__SECRET_KEY": os.urandom(32).hex(),
        "SUPPORTDESK_MAILBOX__SUPPORT__HOST": "127.0.0.1",
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(stage.imap.port),
        "SUPPORTDESK_MAILBOX__SUPPORT__USER": mailbox_user(name),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": stage.imap.password,
        "SUPPORTDESK_MAILBOX__SUPPORT__FROM_START": "true",
        "SUPPORTDESK_MAILBOX__SUPPORT__AUTHSERV_ID": MX,
        "SUPPORTDESK_SMTP__HOST": "127.0.0.1",
        "SUPPORTDESK_SMTP__PORT": str(stage.smtp_port),
        **further,
    }


def mailbox_user(name: str) -> str:
    """Who a desk of this name is to the IMAP server."""
    return f"{name}@desk.example"


def agent_names(count: int) -> list[str]:
    """Names of agents, other than those of the shipped settings, whose rules would give most tickets to two of them."""
    return [f"agent{number:02}" for number in range(1, max(count, FEWEST_AGENTS) + 1)]


AGENTS = tuple(agent_names(FEWEST_AGENTS))


def append_mails(desk: Desk, mails: Sequence[Mail]) -> None:
    """Put the mails into the desk's mailbox, one APPEND each."""
    fill_mailbox(desk.stage, desk.services.settings.mailbox[0].user, mails)


def fill_mailbox(stage: Stage, user: str, mails: Sequence[Mail]) -> None:
    """Put the mails into somebody's mailbox, one APPEND each."""
    server = Server("127.0.0.1", stage.imap.port, Security.PLAIN, user, stage.imap.password)
    with open_mailbox(server) as mailbox:
        for mail in mails:
            mailbox.append("INBOX", mail.raw)
