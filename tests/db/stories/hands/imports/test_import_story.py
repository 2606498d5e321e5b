"""Old mail comes along as if the desk had been there: from whatever files, killed or not, and without a word."""

import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.history.letters import SUPPORT, WRITERS, OldLetter, old_letters
from bench.history.tables import first_difference, tables_of
from tests.db.stories.hands.imports.conftest import SETTINGS, Bring
from tests.support.database.reuse import Databases
from tests.support.database.services import AGENT, SECOND_AGENT, query, services_on
from tests.support.servers.tcp_relay import wait_until
from worker.cli.main import main
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT, SECOND_AGENT)
ROOT = Path(__file__).parents[5]
MAILS, KILLS = 300, 3
OPTIONS = ("--mailbox", "support", "--staff-answers")
TITLE = re.compile(r"^Subject: (?:Re: )?(.+)$", re.MULTILINE)
TRIED = "Nothing was written; to take them in takes two to three times as long."
NUMBERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'mail' ORDER BY 1"
Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def letters() -> list[OldLetter]:
    return old_letters(MAILS)


@pytest.fixture(scope="module")
def in_one_go(
    databases: Databases, letters: list[OldLetter], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """What an mbox makes in one go: the services of its database, and what the command said."""
    url = databases.take()
    services = services_on(url, AGENT, SECOND_AGENT)
    paths = WRITERS["mbox"](tmp_path_factory.mktemp("one_go"), letters)
    done = CliRunner(env=SETTINGS | {"DATABASE_URL": url}).invoke(main, ["import", "mbox", *map(str, paths), *OPTIONS])
    yield services, done.output
    services.engine.dispose()
    databases.give_back(url)


@pytest.fixture(scope="module")
def tables(in_one_go: Any) -> Tables:
    return tables_of(in_one_go[0])


def test_each_thread_is_a_ticket_with_its_answers_and_nobody_is_told(
    in_one_go: Any, letters: list[OldLetter], tables: Tables
) -> None:
    services, output = in_one_go
    threads = Counter(
        found[1] for one in letters if (found := TITLE.search(one.raw.decode())) and "office" not in found[1]
    )
    # Its first mail has no Message-ID, so nothing ties the others to it.
    loose = {f"{number}" for number in range(23, 1000, 23)}
    rows = query(services, 'SELECT title, count(c.id) AS comments FROM "Ticket" t LEFT JOIN "Comment" c '
                           'ON c."ticketId" = t.id GROUP BY t.id, title')  # fmt: skip
    tied = {row["title"]: row["comments"] for row in rows if row["title"].rpartition(" ")[2] not in loose}

    assert tied == {title: mails - 1 for title, mails in threads.items() if title.rpartition(" ")[2] not in loose}
    assert "of 300 mails there became" in output
    assert tables["told"] == []
    assert query(services, "SELECT DISTINCT fate FROM mail.ledger ORDER BY 1") == [
        {"fate": "applied"}, {"fate": "not_applied"},
    ]  # fmt: skip


def test_tickets_are_as_old_as_their_mails_closed_and_of_who_answered_last(in_one_go: Any) -> None:
    services, _ = in_one_go
    rows = query(
        services,
        """SELECT t.status, t."createdAt" AS created, t."closedAt" AS closed, t."updatedAt" AS updated, owner.email,
            (SELECT max(c."createdAt") FROM "Comment" c WHERE c."ticketId" = t.id) AS last,
            (SELECT min(c."createdAt") FROM "Comment" c WHERE c."ticketId" = t.id) AS first,
            (SELECT u.email FROM "Comment" c JOIN "User" u ON u.id = c."userId" WHERE c."ticketId" = t.id
                AND u.role <> 'customer' ORDER BY c."createdAt" DESC LIMIT 1) AS answered
        FROM "Ticket" t LEFT JOIN "User" owner ON owner.id = t."assignedToId" """,
    )

    assert {row["status"] for row in rows} == {"closed"}
    assert all(row["closed"] == row["updated"] == (row["last"] or row["created"]) for row in rows)
    assert all(row["first"] is None or row["created"] < row["first"] for row in rows)
    assert all(row["created"].year == 2019 for row in rows)
    assert [row["email"] for row in rows] == [row["answered"] for row in rows]
    assert {row["email"] for row in rows} >= {AGENT[0], SECOND_AGENT[0], None}


def test_what_bears_the_desks_own_address_is_its_answer(in_one_go: Any) -> None:
    services, _ = in_one_go

    (row,) = query(services, """SELECT count(*), min(u.name) AS name, min(u.role::text) AS role FROM "Comment" c
        JOIN "User" u ON u.id = c."userId" WHERE u.email LIKE 'desk-%@invalid'""")  # fmt: skip

    assert row["count"] > 5
    assert (row["name"], row["role"]) == ("SupportDesk", "customer")
    assert query(services, 'SELECT id FROM "User" WHERE email = :own', own=SUPPORT) == []


def test_killed_at_any_instant_it_goes_on_to_the_same(
    environ: dict[str, str], services: Services, letters: list[OldLetter], tables: Tables, tmp_path: Path
) -> None:
    paths = WRITERS["mbox"](tmp_path, letters)
    command = [sys.executable, "-m", "worker.cli.main", "import", "mbox", *map(str, paths), *OPTIONS]
    command[1:3] = ["-c", "from worker.cli.main import main; main()"]
    chance, alive = random.Random(3), {**environ, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}

    def has_stored(enough: int) -> bool:
        return bool(query(services, "SELECT count(*) >= :enough AS so FROM mail.ledger", enough=enough)[0]["so"])

    for turn in range(KILLS):
        enough = MAILS * turn // KILLS + chance.randrange(10, 80)
        with subprocess.Popen(command, env=alive, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
            assert wait_until(partial(has_stored, enough), 60)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
    last = subprocess.run(command, env=alive, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "were there already" in last.stdout
    assert first_difference(tables, tables_of(services)) == ""


@pytest.mark.parametrize("kind", ["maildir", "eml"])
def test_from_other_files_it_is_the_same(
    kind: str, services: Services, bring: Bring, letters: list[OldLetter], tables: Tables, tmp_path: Path
) -> None:
    done = bring(kind, *WRITERS[kind](tmp_path, letters), "--staff-answers")

    assert done.exit_code == 0, done.output
    assert first_difference(tables, tables_of(services)) == ""


def test_a_trial_says_the_same_and_writes_nothing(
    services: Services, bring: Bring, letters: list[OldLetter], in_one_go: Any, tmp_path: Path
) -> None:
    before, numbers = tables_of(services), query(services, NUMBERS)

    tried = bring("mbox", *WRITERS["mbox"](tmp_path, letters), "--staff-answers", "--dry-run")

    really = in_one_go[1].replace("became", "would become").splitlines()
    assert [line.partition(", in ")[0] for line in tried.output.splitlines()] == [
        *(line.partition(", in ")[0] for line in really), TRIED,
    ]  # fmt: skip
    assert tables_of(services) == before
    assert query(services, NUMBERS) == numbers


def test_the_same_again_takes_nothing(in_one_go: Any, letters: list[OldLetter], tables: Tables, tmp_path: Path) -> None:
    services, _ = in_one_go
    url = services.engine.url.render_as_string(hide_password=False)
    paths = WRITERS["maildir"](tmp_path, letters)

    again = CliRunner(env=SETTINGS | {"DATABASE_URL": url}).invoke(
        main, ["import", "maildir", *map(str, paths), *OPTIONS]
    )

    assert "0 tickets and 0 comments" in again.output
    assert f"{MAILS} were there already." in again.output
    assert first_difference(tables, tables_of(services)) == ""
