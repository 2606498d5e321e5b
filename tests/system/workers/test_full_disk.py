"""The database's disk may be full: the work stops until there is room again, and no mail is blamed."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seed.stack.account import private_folder, server_uid
from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    append_threads,
    await_condition,
    await_decided,
    await_rest,
    blamed_rows,
    mails_not_sent_once,
    read_effects,
)
from tests.support.servers.real_processes import a_desk, processes

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 20, 5
DISK_MEGABYTES = 192


@contextmanager
def a_small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own for the database's data; skipped where none may be mounted."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk to fill")
    with private_folder(folder / "disk", server_uid(), keep=False) as place:
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
        mails = append_threads(desk.services, "before", 4, 3)
        await_decided(desk.services, "before", mails)
        ballast = fill(place.parent)
        mails = append_threads(desk.services, "full", THREADS, EACH)
        await_condition(lambda: b"No space left on device" in (tmp_path / "postgres.log").read_bytes(), 40)
        time.sleep(3)
        ballast.unlink()
        if desk.database.is_gone:
            desk.database.start()

        await_rest(desk.services, "full", mails, 60)

        assert read_effects(desk.services, "full") == Effects.expected("full", THREADS, EACH)
        assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})


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
