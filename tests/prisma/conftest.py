"""The web application's own programs on a database of the test: Prisma's command line, its client, and a mail sink."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, make_url

from models.db.engine import make_engine
from tests.support.database.databases import drop_database, new_database, plain_url
from tests.support.database.services import ADMIN, AGENT, services_on
from worker.admin import migrate
from worker.runtime.services import Services

INSTALLED = Path(__file__).parents[2] / ".venv" / "prisma"
PRISMA = INSTALLED / "node_modules" / "prisma" / "build" / "index.js"
QUIET = {"CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1", "NO_COLOR": "1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not PRISMA.exists():
        missing = pytest.mark.skip("Prisma is not installed for these tests: say `make prisma`")
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(missing)


@dataclass(frozen=True, slots=True)
class Prisma:
    """Prisma's command line on one database, with a folder for its migrations."""

    url: str
    migrations: Path

    def __call__(self, *words: object, schema: Path = INSTALLED / "schema.prisma") -> tuple[int, str]:
        """The exit status of `prisma WORDS`, and all that it wrote; `migrate diff` takes no schema."""
        environ = os.environ | QUIET | {"DATABASE_URL": self.url, "MIGRATIONS": str(self.migrations)}
        own = [] if words[:2] == ("migrate", "diff") else ["--schema", str(schema)]
        command = ["node", str(PRISMA), *map(str, words), *own, "--config", "prisma.config.mjs"]
        done = subprocess.run(
            command, cwd=INSTALLED, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    def push(self, *words: str, schema: Path = INSTALLED / "schema.prisma") -> str:
        """What `prisma db push` says."""
        status, said = self("db", "push", "--skip-generate", *words, schema=schema)
        assert status == 0, said
        return said

    def script(self, *diff: object) -> str:
        """The statements of a migration, as `prisma migrate diff` writes them."""
        draft = self.migrations / "draft.sql"
        status, said = self("migrate", "diff", *diff, "--script", "--output", draft)
        assert status == 0, said
        statements = draft.read_text(encoding="utf-8")
        draft.unlink()
        return statements

    def migration(self, name: str, statements: str) -> None:
        """Put a migration into the folder."""
        (self.migrations / name).mkdir()
        (self.migrations / name / "migration.sql").write_text(statements, encoding="utf-8")
        (self.migrations / "migration_lock.toml").write_text('provider = "postgresql"\n', encoding="utf-8")


@dataclass(frozen=True, slots=True)
class WebApp:
    """The web application: Prisma's client and both adapters of NextAuth, in a process of their own."""

    process: Popen[str]

    def __call__(self, name: str, *values: object, of: str = "prisma") -> Any:
        """What a method gives, such as `ticket.create`; `of` is `prisma`, `next-auth` or `auth.js`."""
        answer = self.answer({"of": of, "name": name, "values": values})
        assert "error" not in answer, answer
        return answer.get("result")

    def together(self, *calls: tuple[str, object]) -> Any:
        """What several methods of the client give, in one transaction."""
        answer = self.answer(*({"of": "prisma", "name": name, "values": [value]} for name, value in calls))
        assert "error" not in answer, answer
        return answer.get("result")

    def answer(self, *calls: Mapping[str, object]) -> dict[str, Any]:
        """The result or the error of these calls."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(calls) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


class Sink:
    """A mail server that takes everything and remembers for whom."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        # The last row of the outbox that a test has looked at.
        self.seen = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.recipients.extend(str(recipient) for recipient in envelope.rcpt_tos)
        return "250 taken"


@pytest.fixture(scope="session")
def adopted_database(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that Prisma made and we adopted, and that nobody is connected to."""
    url = new_database(postgres_url)
    Prisma(plain_url(url), tmp_path_factory.mktemp("migrations")).push()
    engine = make_engine(url, application_name="tests")
    migrate.upgrade(engine)
    engine.dispose()
    return str(make_url(url).database)


@pytest.fixture
def database(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[str]:
    """The URL of a new database: empty, or with a desk on tables of Prisma where the test asks for `desk`."""
    template = request.getfixturevalue("adopted_database") if "desk" in request.fixturenames else "template1"
    url = new_database(postgres_url, template)
    yield url
    drop_database(postgres_url, url)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = make_engine(database, application_name="tests")
    yield engine
    engine.dispose()


@pytest.fixture
def prisma(database: str, tmp_path: Path) -> Prisma:
    """Prisma's command line on the database of the test."""
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    return Prisma(plain_url(database), migrations)


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """A desk on tables that Prisma made."""
    return engine


@pytest.fixture(scope="session")
def first_migration(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The statements that make the tables of the schema; Prisma connects for them and reads nothing."""
    prisma = Prisma(plain_url(postgres_url), tmp_path_factory.mktemp("migrations"))
    return prisma.script("--from-empty", "--to-schema-datamodel", INSTALLED / "schema.prisma")


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def services(desk: Engine, database: str, sink: Sink) -> Iterator[Services]:
    """Services with an admin and an agent on a desk on tables that Prisma made."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    services = services_on(database, ADMIN, AGENT, SMTP__HOST="127.0.0.1", SMTP__PORT=str(port))
    yield services
    services.engine.dispose()
    controller.stop()


@pytest.fixture
def web_app(services: Services, database: str) -> Iterator[WebApp]:
    """The web application on the database of the services."""
    environ = os.environ | QUIET | {"DATABASE_URL": plain_url(database)}
    with Popen(["node", "client.mjs"], cwd=INSTALLED, env=environ, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield WebApp(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=20)
