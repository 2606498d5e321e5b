"""The demo as a newcomer runs it: a whole day arrives, and no process of it stays behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seed.story.day import DAY, Opens

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-c", "from worker.cli.main import main; main(prog_name='supportdesk')", "demo")
# The servers of the stack, beat and two workers.
CHILDREN = 6

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="reads the processes from /proc"),
]

# A process by its id and the tick it began at, for ids are given out again.
Process = tuple[int, str]


def processes() -> Iterator[tuple[Process, int]]:
    """Each process of the machine that is no zombie, with its parent's id."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *rest = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if state != "Z":
            yield (int(entry.name), rest[17]), int(parent)


def children(pid: int) -> set[Process]:
    return {process for process, parent in processes() if parent == pid}


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start the demo from a folder that is not the checkout, with nothing set but where its files go."""
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    environ |= {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, *options], cwd=folder, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def seen_until(demo: subprocess.Popen[str], enough: Callable[[set[Process]], bool]) -> set[Process]:
    """All children that the demo had, looked at until there were enough or it ended."""
    seen: set[Process] = set()
    while demo.poll() is None and not enough(seen):
        seen |= children(demo.pid)
        time.sleep(0.1)
    return seen


def left(seen: set[Process]) -> set[Process]:
    return seen & {process for process, _ in processes()}


def test_a_whole_day_at_the_desk_arrives_and_nothing_stays_behind(tmp_path: Path) -> None:
    with start(tmp_path, "--once", "--json") as demo:
        seen = seen_until(demo, lambda _: False)
        told, said = demo.communicate()

    counts = json.loads(told)
    assert (demo.returncode, counts["missing"]) == (0, []), said
    assert counts["mails_written"] == counts["mails_received"] == len(DAY)
    assert counts["tickets"] == sum(isinstance(letter.effect, Opens) for letter in DAY)
    assert counts["reports"] == 1
    assert counts["seconds_to_first_ticket"] < 60
    assert len(seen) >= CHILDREN
    assert left(seen) == set()


def test_a_demo_that_is_told_to_end_stops_every_process_it_started(tmp_path: Path) -> None:
    with start(tmp_path) as demo:
        seen = seen_until(demo, lambda seen: len(left(seen)) >= CHILDREN)
        running = left(seen)
        demo.send_signal(signal.SIGTERM)
        _, said = demo.communicate(timeout=60)

    assert len(running) >= CHILDREN, said
    assert demo.returncode == 130, said
    assert left(seen) == set()


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path) -> None:
    environ = os.environ | {
        "XDG_CACHE_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://127.0.0.1:1/nothing",
        "PYTHONPATH": str(ROOT),
    }

    done = subprocess.run(
        [*COMMAND, "--once"], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "The database cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
