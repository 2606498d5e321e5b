"""The archive of 300 tickets, as a real process that is killed three times, beside another one, and with Ctrl-C."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bench.hands.old_tickets import add_old_tickets, fingerprints
from tests.support.database.services import AGENT, Supportdesk, query
from tests.support.servers.installed_desk import PROGRAM
from worker.admin.archive import bring_back
from worker.runtime.services import Services

COUNT = 300
RUN = (*PROGRAM, "archive", "run", "--older-than", "2y")
# Tickets that are in both places or in neither, and rows of a ticket that stayed where it went.
TORN = """
SELECT n.number FROM mail.ticket n WHERE (n.ticket_id IS NULL) <> EXISTS (
    SELECT FROM mail.archive a WHERE a.number = n.number
) OR (n.ticket_id IS NULL) = EXISTS (
    SELECT FROM mail.reading r WHERE r.ticket_number = n.number
) OR (SELECT count(*) FROM "Comment" c WHERE c."ticketId" = n.ticket_id)
    <> (CASE WHEN n.ticket_id IS NULL THEN 0 ELSE 3 END)
"""
ARCHIVED = "SELECT count(*) AS n FROM mail.archive"

pytestmark = pytest.mark.services(AGENT)


@pytest.fixture
def many(services: Services) -> Services:
    add_old_tickets(services.engine, COUNT)
    return services


def start(database: str, folder: Path) -> subprocess.Popen[str]:
    environ = os.environ | {"DATABASE_URL": database, "SUPPORTDESK_CONFIG": ""}
    return subprocess.Popen(RUN, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def archived(services: Services) -> int:
    return int(query(services, ARCHIVED)[0]["n"])


def wait_for(services: Services, process: subprocess.Popen[str], count: int) -> None:
    """Wait until so many tickets are in the archive, and a random moment more."""
    while archived(services) < count and process.poll() is None:
        time.sleep(0.001)
    time.sleep(random.Random(count).random() * 0.05)


def test_killed_three_times_each_ticket_is_in_one_place(
    many: Services, fresh_database: str, tmp_path: Path, supportdesk: Supportdesk
) -> None:
    before = fingerprints(many.engine)

    for share in (1, 80, 160):
        process = start(fresh_database, tmp_path)
        wait_for(many, process, share)
        process.kill()
        assert process.wait() == -signal.SIGKILL, process.communicate()
        process.communicate()
        assert query(many, TORN) == []
    assert 160 <= archived(many) < COUNT
    ended = supportdesk("archive", "run", "--older-than", "2y")

    assert ended.exit_code == 0, ended.output
    assert archived(many) == COUNT
    assert query(many, TORN) == []
    for row in query(many, "SELECT number FROM mail.archive ORDER BY number"):
        bring_back(many.engine, row["number"])
    assert fingerprints(many.engine) == before


def test_two_at_once_do_not_disturb_one_another(many: Services, fresh_database: str, tmp_path: Path) -> None:
    two = [start(fresh_database, tmp_path) for _ in range(2)]
    outputs = [process.communicate()[0] for process in two]

    assert [process.returncode for process in two] == [0, 0]
    assert sum(int(output.split(" ")[0]) for output in outputs) == archived(many) == COUNT
    assert query(many, TORN) == []


def test_ctrl_c_says_how_far_it_came(many: Services, fresh_database: str, tmp_path: Path) -> None:
    process = start(fresh_database, tmp_path)
    wait_for(many, process, 1)

    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert process.returncode == 130, said
    assert said.startswith("\nStopped by Ctrl-C. ")
    assert said.endswith(" archived till then. Each ticket is whole in one place; the same command goes on.\n")
    assert query(many, TORN) == []
