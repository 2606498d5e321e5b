"""Real databases for the tests: a migrated one for each test process, new empty ones, and sessions that roll back."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.orm import Session

from mail.server import Security, Server
from models.db.engine import make_engine
from models.schema.metadata import SUPPORTDESK, metadata
from models.supportdesk.tables import LOOKUP
from seed.stack.mailhost.server import MailServer
from tests.support.database.databases import drop_database, new_database
from tests.support.database.reuse import Databases
from tests.support.database.services import ADMIN, AGENT, MakeServices, Staff, Supportdesk, services_on
from worker.admin.migrate import upgrade
from worker.cli.main import main
from worker.runtime.services import Services

BOXES = count(1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "services(*past, **settings): what the fixture `services` opens")


def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url, application_name="tests")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """The name of a migrated database that nobody is connected to."""
    url = new_database(postgres_url)
    engine = make_engine(url, application_name="tests")
    upgrade(engine)
    engine.dispose()
    return str(make_url(url).database)


@pytest.fixture(scope="session")
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A migrated database for all tests of this process that leave no trace."""
    url = new_database(postgres_url, template_database)
    yield url
    drop_database(postgres_url, url)


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    yield from _engine(database_url)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is rolled back."""
    with engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session whose commits are savepoints of a transaction that is rolled back."""
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        yield session


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """The URL of a new database with nothing in it, dropped after the test."""
    url = new_database(postgres_url)
    yield url
    drop_database(postgres_url, url)


@pytest.fixture(scope="session")
def databases(postgres_url: str, template_database: str) -> Iterator[Databases]:
    """Migrated databases, each for one test after another."""
    databases = Databases(postgres_url, template_database)
    yield databases
    databases.drop()


@pytest.fixture
def fresh_database(databases: Databases) -> Iterator[str]:
    """The URL of a migrated database for a test that commits, with nothing of other tests in it."""
    url = databases.take()
    yield url
    databases.give_back(url)


@pytest.fixture
def empty_engine(empty_database: str) -> Iterator[Engine]:
    yield from _engine(empty_database)


@pytest.fixture
def fresh_engine(fresh_database: str) -> Iterator[Engine]:
    yield from _engine(fresh_database)


@pytest.fixture
def prisma_engine(empty_engine: Engine) -> Engine:
    """A database as Prisma leaves it, with what else may stand in `public`."""
    with empty_engine.begin() as connection:
        metadata.create_all(connection, tables=SUPPORTDESK)
        for table in SUPPORTDESK:
            for index in table.indexes:
                if str(index.name).startswith(LOOKUP):
                    index.drop(connection)
        connection.execute(text('CREATE TABLE "_prisma_migrations" (id text PRIMARY KEY, finished_at timestamptz)'))
        connection.execute(text("CREATE TYPE \"Colour\" AS ENUM ('red', 'green')"))
    return empty_engine


@pytest.fixture
def server(mail_server: MailServer) -> Server:
    """A mailbox of its own for each test."""
    user = f"poll{next(BOXES)}@desk.example"
    return Server(mail_server.host, mail_server.imap_port, Security.PLAIN, user, mail_server.password)


@pytest.fixture
def make_services(fresh_database: str) -> Iterator[MakeServices]:
    """Opens services on the database of the test, as `services_on` does; all of them are closed after it."""
    with ExitStack() as opened:

        def make(*past: Staff | bytes, **settings: str) -> Services:
            services = services_on(fresh_database, *past, **settings)
            opened.callback(services.engine.dispose)
            return services

        yield make


@pytest.fixture
def services(request: pytest.FixtureRequest, make_services: MakeServices) -> Services:
    """Services with an admin and an agent, or with what `pytest.mark.services` says, as `make_services` takes it."""
    marker = request.node.get_closest_marker("services")
    return make_services(*marker.args, **marker.kwargs) if marker else make_services(ADMIN, AGENT)


@pytest.fixture
def supportdesk(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Supportdesk:
    """The program with these words as its arguments, on the database of the test, from a folder without settings."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"DATABASE_URL": fresh_database, "SUPPORTDESK_CONFIG": "", "COLUMNS": "200"})
    return lambda *words, color=False: runner.invoke(main, [str(word) for word in words], color=color)
