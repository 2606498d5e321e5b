"""A day of two agents, an admin and five customers by mail alone, on real servers and processes, inbox by inbox."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from desk.commands.table import TABLE
from seed.stack.mailhost.server import MailServer, starting_mailserver
from tests.support.database.databases import drop_database, new_database, plain_url
from tests.support.day.desk import a_desk_at_work
from tests.support.day.play import Player
from tests.support.day.whole import DAY
from tests.support.servers.installed_desk import InstalledDesk

GIVEN = re.compile(r"#([a-z]+)")
# The day itself takes half a minute; the rest is for a machine that is busy.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mail server with the inboxes of nobody else."""
    with starting_mailserver(tmp_path_factory.mktemp("mail")) as server:
        yield server.ready()


@pytest.fixture
def desk(tmp_path: Path, mail: MailServer, postgres_url: str, redis_url: str) -> Iterator[InstalledDesk]:
    database = new_database(postgres_url)
    broker = redis_url.rpartition("/")[0] + "/8"
    with a_desk_at_work(tmp_path, mail, database, broker, DAY) as desk:
        yield desk
    drop_database(postgres_url, database)


def test_the_day_is_of_two_agents_an_admin_and_five_customers_and_long_enough() -> None:
    writers = {letter.by for letter in DAY.letters}
    opened = {letter.by for letter in DAY.letters if letter.opens and not DAY.person(letter.by).staff}

    assert {one.first for one in DAY.people} == writers
    assert sum(one.staff for one in DAY.people) == 3
    assert len(opened) >= 5
    assert len(DAY.letters) >= 60


def test_the_day_gives_each_command_of_the_table_at_least_once() -> None:
    lines = [line for letter in DAY.letters for line in (*letter.text.splitlines(), *letter.commands)]

    assert {command.name for command in TABLE} - {name for line in lines for name in GIVEN.findall(line)} == set()


def test_a_day_by_mail_alone(desk: InstalledDesk) -> None:
    with psycopg.connect(plain_url(desk.database_url), autocommit=True, row_factory=dict_row) as database:
        player = Player(desk.mail, database, DAY)
        player.play()
    assert player.faults == [], "\n".join([*player.faults, *map(str, player.took)])
