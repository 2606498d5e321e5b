"""`supportdesk studio` where it cannot begin: a sentence and exit status 2, and nothing listens."""

import socket

import pytest
from sqlalchemy import text

from tests.support.database.services import AGENT, Supportdesk, execute
from worker.cli.commands.studio import EXTRA
from worker.cli.studio.window import Window
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
BOB = AGENT[0]


def sentence(supportdesk: Supportdesk, *words: object) -> str:
    result = supportdesk("studio", *words)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--write",), "--write and --as EMAIL go together"),
        (("--as", BOB), "--write and --as EMAIL go together"),
        (("--write", "--as", "bob"), "bob is no mail address."),
        (("--write", "--as", "nobody@desk.example"), "nobody@desk.example is not staff."),
        (("--port", "0"), "0 is not in the range 1<=x<=65535"),
        (("--port", "x"), "'x' is not a valid integer"),
        (("--host", "0.0.0.0"), "No such option"),
    ],
)
def test_a_wrong_argument_is_said(
    services: Services, supportdesk: Supportdesk, words: tuple[str, ...], said: str
) -> None:
    assert said in sentence(supportdesk, *words)


@pytest.mark.parametrize(("words", "may_write"), [((), False), (("--write", "--as", BOB), True)])
def test_only_a_deed_has_a_connection_that_writes(
    services: Services,
    supportdesk: Supportdesk,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    may_write: bool,
) -> None:
    """Pages are read by an engine that cannot write, also with --write; without it there is no other."""
    windows: list[tuple[str, str, str | None]] = []

    class Server:
        address = "http://127.0.0.1:1/?token=x"

        def __init__(self, taken: socket.socket, window: Window) -> None:
            taken.close()
            with window.session() as session, window.reads.connect() as connection:
                limit = session.scalar(text("SHOW statement_timeout"))
                reads = connection.scalar(text("SHOW transaction_read_only"))
            if window.writes is None:
                windows.append((limit, reads, None))
                return
            with window.writes.connect() as connection:
                windows.append((limit, reads, connection.scalar(text("SHOW transaction_read_only"))))

        def start(self) -> None: ...

        def stop(self) -> None: ...

    monkeypatch.setattr("worker.cli.studio.serving.StudioServer", Server)
    monkeypatch.setattr("signal.pthread_sigmask", lambda *_: None)
    monkeypatch.setattr("signal.sigwait", lambda _: None)

    result = supportdesk("studio", *words)

    assert result.exit_code == 0, result.output
    assert windows == [("15s", "on", "off" if may_write else None)]


def test_a_port_that_is_taken_is_said(services: Services, supportdesk: Supportdesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = sentence(supportdesk, "--port", port)

    assert said == (
        f"The studio cannot listen at 127.0.0.1, port {port}: Address already in use. Choose another by --port."
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE mail.alembic_version SET version_num = '0003'", "not at 00"),
        ("UPDATE mail.alembic_version SET version_num = '9999'", "this program is older"),
        ("DELETE FROM mail.alembic_version", "The database is at nothing"),
    ],
)
def test_a_database_of_another_version_is_said(
    services: Services, supportdesk: Supportdesk, statement: str, said: str
) -> None:
    [was] = [row[0] for row in _versions(services)]
    execute(services, statement)
    try:
        assert said in sentence(supportdesk)
    finally:
        execute(services, "DELETE FROM mail.alembic_version", f"INSERT INTO mail.alembic_version VALUES ('{was}')")


def _versions(services: Services) -> list[tuple[str]]:
    with services.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT version_num FROM mail.alembic_version")]


def test_no_database_and_an_empty_one_are_said(
    supportdesk: Supportdesk, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner  # noqa: PLC0415  another environment than the fixture's

    from worker.cli.main import main  # noqa: PLC0415

    def said(url: str) -> tuple[int, str]:
        result = CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""}).invoke(main, ["studio"])
        return result.exit_code, result.output

    assert said("postgresql://nobody@127.0.0.1:1/none")[0] == 2
    assert "cannot be reached" in said("postgresql://nobody@127.0.0.1:1/none")[1]
    assert said(empty_database) == (2, "This database has no desk, or an older one: run `supportdesk db upgrade`.\n")


def test_without_the_extra_it_is_said_how_to_install_it(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing in EXTRA:
        monkeypatch.setattr("importlib.util.find_spec", lambda name, missing=missing: None if name == missing else name)
        assert sentence(supportdesk) == (
            "The studio is not installed: in a checkout of this version run `pip install --require-hashes -r "
            "requirements/studio.txt`, with the pip that belongs to this program."
        )
