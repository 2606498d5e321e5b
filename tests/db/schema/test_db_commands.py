"""The commands `db` and `user`: what they say, what they refuse, and that nobody sees a traceback."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, make_url, text

from models.schema.catalogue import catalogue
from worker.admin import migrate
from worker.cli.main import main

COUNT = 'SELECT count(*) FROM "User"'


class Desk:
    """The command line on one database."""

    def __init__(self, url: str) -> None:
        self.name = str(make_url(url).database)
        self._runner = CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": ""})

    def run(self, *words: str) -> Result:
        return self._runner.invoke(main, words)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a settings file."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def desk(fresh_database: str) -> Desk:
    return Desk(fresh_database)


@pytest.fixture
def new_desk(empty_database: str) -> Desk:
    return Desk(empty_database)


@pytest.fixture
def seeded(desk: Desk, fresh_engine: Engine) -> Engine:
    desk.run("db", "seed")
    return fresh_engine


def test_upgrade_says_from_where_to_where(new_desk: Desk) -> None:
    result = new_desk.run("db", "upgrade")

    went = f"The database went from nothing to {migrate.newest()}.\n"
    assert (result.exit_code, result.stdout) == (0, f"{went}SupportDesk's tables were not there and are made.\n")


def test_a_difference_is_said_on_stderr_with_status_2(prisma_engine: Engine, new_desk: Desk) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text('DROP INDEX "Ticket_status_idx"'))

    result = new_desk.run("db", "upgrade")

    assert result.exit_code == 2
    assert result.stderr == "The index Ticket_status_idx is missing.\nNothing was changed.\n"


def test_an_unreachable_database_is_named_with_host_and_port() -> None:
    desk = Desk("postgresql://nobody:secret@127.0.0.1:1/none")

    result = desk.run("db", "upgrade")

    assert result.exit_code == 2
    assert result.stderr.startswith("The database at 127.0.0.1:1 cannot be reached: ")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr


def test_a_database_without_a_desk_is_said_to_be_one(new_desk: Desk) -> None:
    result = new_desk.run("user", "staff", "list")

    assert result.exit_code == 2
    assert result.stderr == "This database has no desk, or an older one: run `supportdesk db upgrade`.\n"


def test_a_url_of_another_schema_is_refused(empty_database: str) -> None:
    result = Desk(f"{empty_database}?schema=desk").run("db", "upgrade")

    assert result.exit_code == 2
    assert "public" in result.stderr


def test_prismas_own_url_is_understood(empty_database: str) -> None:
    url = empty_database.replace("postgresql+psycopg", "postgresql") + "?schema=public&connection_limit=5"

    result = Desk(url).run("db", "upgrade")

    assert result.exit_code == 0


def test_seed_puts_the_examples_in_once(desk: Desk) -> None:
    first, second = desk.run("db", "seed"), desk.run("db", "seed")

    assert first.stdout == "Put in 6 people and 6 tickets.\n"
    assert second.stdout == "The examples are there already; nothing was changed.\n"


def test_seed_tells_nobody(seeded: Engine) -> None:
    with seeded.begin() as connection:
        count = connection.scalar(text("SELECT count(*) FROM mail.event"))

    assert count == 0


@pytest.mark.parametrize(
    "words",
    [(), ("--yes",), ("--database", "{name}"), ("--yes", "--database", "other")],
    ids=["neither", "no name", "no yes", "another name"],
)
@pytest.mark.parametrize("command", [("reset",), ("downgrade", "base")], ids=["reset", "downgrade"])
def test_destruction_needs_yes_and_the_databases_name(
    desk: Desk, seeded: Engine, command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    result = desk.run("db", *command, *(word.format(name=desk.name) for word in words))

    with seeded.begin() as connection:
        assert connection.scalar(text(COUNT)) == 6
    assert result.exit_code == 2
    assert result.stderr.startswith("Nothing was done: ")


def test_reset_makes_everything_anew(desk: Desk, seeded: Engine) -> None:
    result = desk.run("db", "reset", "--yes", "--database", desk.name)

    with seeded.begin() as connection:
        assert connection.scalar(text(COUNT)) == 0
    assert (result.exit_code, result.stderr) == (0, "")


def test_downgrade_goes_back_to_before_us(desk: Desk, seeded: Engine) -> None:
    result = desk.run("db", "downgrade", "base", "--yes", "--database", desk.name)

    with seeded.begin() as connection:
        assert catalogue(connection, "public") == ()
    assert result.stdout == "The database is at nothing.\n"


def test_an_unknown_revision_is_said_plainly(desk: Desk) -> None:
    result = desk.run("db", "upgrade", "9999")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_repair_says_that_all_is_well(desk: Desk) -> None:
    result = desk.run("db", "repair")

    assert result.stdout == "All was in place; nothing was changed.\n"


def test_repair_says_what_it_put_back(desk: Desk, seeded: Engine) -> None:
    with seeded.begin() as connection:
        connection.execute(text('DROP TRIGGER supportdesk_user ON "User"'))

    result = desk.run("db", "repair")

    assert result.stdout == "Put back the trigger supportdesk_user.\n"


def test_staff_is_added_under_the_normalised_address(desk: Desk) -> None:
    result = desk.run("user", "staff", "add", "Bob@Desk.Example", "--role", "agent", "--name", "Bob")

    assert result.stdout == "bob@desk.example is agent now, with a new user in SupportDesk.\n"


def test_raising_an_account_is_refused_until_it_is_said(desk: Desk, seeded: Engine) -> None:
    words = ("user", "staff", "add", "dora@acme.example", "--role", "agent")

    refused, done = desk.run(*words), desk.run(*words, "--raise-role")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert done.stdout == "dora@acme.example is agent now; the user in SupportDesk was customer before.\n"


def test_removing_says_what_is_left_to_do(desk: Desk, seeded: Engine) -> None:
    result = desk.run("user", "staff", "remove", "bob@desk.example")

    assert result.stdout == (
        "bob@desk.example is agent no longer, and a customer in SupportDesk; 2 open tickets are still theirs.\n"
    )


def test_who_is_not_staff_cannot_be_removed(desk: Desk) -> None:
    result = desk.run("user", "staff", "remove", "bob@desk.example")

    assert (result.exit_code, result.stderr) == (2, "Nothing was changed: bob@desk.example is not staff.\n")


def test_what_is_no_address_is_refused(desk: Desk) -> None:
    result = desk.run("user", "staff", "add", "bob", "--role", "agent")

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_the_staff_is_listed_as_json(desk: Desk, seeded: Engine) -> None:
    result = desk.run("user", "staff", "list", "--json")

    listed = [(member["email"], member["role"], member["user_role"]) for member in json.loads(result.stdout)]

    assert listed == [
        ("ada@desk.example", "admin", "admin"),
        ("bob@desk.example", "agent", "agent"),
        ("carol@desk.example", "agent", "agent"),
    ]


def test_a_name_is_shown_and_not_obeyed(desk: Desk, seeded: Engine) -> None:
    with seeded.begin() as connection:
        connection.execute(text("UPDATE \"User\" SET name = E'[red]Bo\\x1b[2J' WHERE email = 'bob@desk.example'"))

    result = desk.run("user", "list")

    assert "[red]Bo\N{REPLACEMENT CHARACTER}[2J" in result.stdout


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(main, ["--help"])

    assert all(name in result.stdout for name in ("db", "user"))
