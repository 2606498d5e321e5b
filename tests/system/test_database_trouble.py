"""The database may stop, crash, cut every connection or fill its disk: real workers come back, and blame no mail."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from seed.account import room, server_uid
from seed.mailserver import MailServer
from tests.desks import Desk, a_desk, processes
from tests.effects import Effects, await_decided, await_rest, await_true, blamed, effects, sent_again, write

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 20, 5
DISK_MEGABYTES = 192


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[Desk]:
    """A desk whose workers run all through this module, as an operator's do."""
    folder = tmp_path_factory.mktemp("trouble")
    with a_desk(folder, mail_server) as desk, processes(folder):
        yield desk


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
def test_a_database_that_ends_in_the_middle_of_a_run_changes_nothing(desk: Desk, blow: signal.Signals) -> None:
    word = blow.name.lower()
    mails = write(desk.office, word, THREADS, EACH)
    await_decided(desk.office, word, 10)
    desk.database.strike(blow)
    time.sleep(1)
    desk.database.start()

    await_rest(desk.office, word, mails, 90)

    assert effects(desk.office, word) == Effects.of(word, THREADS, EACH)
    assert (blamed(desk.office), sent_again(desk)) == ([], {})


def test_connections_that_are_cut_again_and_again_change_nothing(desk: Desk) -> None:
    mails = write(desk.office, "cut", THREADS, EACH)
    cut = cut_all_connections(desk, seconds=8)

    await_rest(desk.office, "cut", mails, 90)

    assert cut > 5
    assert effects(desk.office, "cut") == Effects.of("cut", THREADS, EACH)
    assert (blamed(desk.office), sent_again(desk)) == ([], {})


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


@contextmanager
def a_small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own for the database's data; skipped where none may be mounted."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk to fill")
    with room(folder / "disk", server_uid(), keep=False) as place:
        options = f"size={DISK_MEGABYTES}m,mode=0700,uid={server_uid()}"
        words = ["mount", "-t", "tmpfs", "-o", options, "supportdesk-tests", str(place)]
        if subprocess.run(words, check=False, capture_output=True, timeout=20).returncode:
            pytest.skip("no disk may be mounted here, so none is filled")
        try:
            yield place / "data"
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=20)


def test_a_full_disk_stops_the_work_until_there_is_room_again(tmp_path: Path, mail_server: MailServer) -> None:
    with a_small_disk(tmp_path) as place, a_desk(tmp_path, mail_server, place) as desk, processes(tmp_path):
        mails = write(desk.office, "before", 4, 3)
        await_decided(desk.office, "before", mails)
        ballast = fill(place.parent)
        mails = write(desk.office, "full", THREADS, EACH)
        await_true(lambda: b"No space left on device" in (tmp_path / "postgres.log").read_bytes(), 40)
        time.sleep(3)
        ballast.unlink()
        if desk.database.is_gone:
            desk.database.start()

        await_rest(desk.office, "full", mails, 60)

        assert effects(desk.office, "full") == Effects.of("full", THREADS, EACH)
        assert (blamed(desk.office), sent_again(desk)) == ([], {})


def fill(disk: Path) -> Path:
    """Take all the room that a disk has left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
        except OSError:
            return ballast
    return ballast
