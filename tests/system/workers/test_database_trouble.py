"""The database may stop, crash or cut every connection: real workers come back, and blame no mail."""

import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    append_threads,
    await_decided,
    await_rest,
    blamed_rows,
    mails_not_sent_once,
    read_effects,
)
from tests.support.servers.real_processes import Desk, a_desk, processes

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 20, 5


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[Desk]:
    """A desk whose workers run all through this module, as an operator's do."""
    folder = tmp_path_factory.mktemp("trouble")
    with a_desk(folder, mail_server) as desk, processes(folder):
        yield desk


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_database_that_ends_in_the_middle_of_a_run_changes_nothing(desk: Desk, blow: signal.Signals) -> None:
    word = blow.name.lower()
    mails = append_threads(desk.services, word, THREADS, EACH)
    await_decided(desk.services, word, 10)
    desk.database.end_with(blow)
    time.sleep(1)
    desk.database.start()

    await_rest(desk.services, word, mails, 90)

    assert read_effects(desk.services, word) == Effects.expected(word, THREADS, EACH)
    assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})


def test_connections_that_are_cut_again_and_again_change_nothing(desk: Desk) -> None:
    mails = append_threads(desk.services, "cut", THREADS, EACH)
    cut = cut_all_connections(desk, seconds=8)

    await_rest(desk.services, "cut", mails, 90)

    assert cut > 5
    assert read_effects(desk.services, "cut") == Effects.expected("cut", THREADS, EACH)
    assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})


def cut_all_connections(desk: Desk, seconds: float) -> int:
    """End every connection of the workers, again and again; how many that were."""
    ends, cut = time.monotonic() + seconds, 0
    with psycopg.connect(address(desk), autocommit=True) as connection:
        while time.monotonic() < ends:
            found = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'supportdesk worker' AND pid <> pg_backend_pid()"
            )
            cut += len(found.fetchall())
            time.sleep(0.1)
    return cut


def address(desk: Desk) -> str:
    return f"host=127.0.0.1 port={desk.database.port} user=postgres dbname=supportdesk"
