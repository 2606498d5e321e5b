"""No mail holds a worker: what takes too long ends its process, what takes too much memory is an error of its own."""

import logging
import re
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from mail.inbound.parse import parse
from models.db.claims import MOST_TRIES
from tests.support.database.services import a_raw_mail, query, store_in_ledger
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime import limits
from worker.runtime.limits import memory_limit, time_limit
from worker.runtime.services import Services

ROOT = Path(__file__).parents[3]
OURS = "import re, signal, time\nfrom worker.runtime.limits import time_limit\n"

LOOP = """
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
"""
HANGS = {
    "a regular expression": "re.match('(a+)+$', 'a' * 64 + 'b')",
    "a sum in C": "sum(range(10**15))",
    "a sleep": "time.sleep(60)",
    "a loop in Python that catches everything": LOOP,
}
LIMITS = {"LIMITS__MAIL_MEGABYTES": "64", "LIMITS__LARGEST_MAIL_MEGABYTES": "4", "LIMITS__RETRY_SECONDS": "0"}
pytestmark = pytest.mark.services(**LIMITS)


def ended(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", OURS + program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def indented(program: str) -> str:
    return "".join(f"    {line}\n" for line in program.splitlines())


def hoard() -> None:
    """Take memory, which ends only where no limit is seen."""
    hoarded = [bytearray(limits.MEGABYTE) for _ in range(1024)]
    raise AssertionError(f"nobody minded {len(hoarded)} MB")


@pytest.mark.parametrize("hang", HANGS)
def test_a_process_that_hangs_in_a_mail_is_ended(hang: str) -> None:
    done = ended(f"with time_limit(0.5):\n{indented(HANGS[hang])}")

    assert done.returncode == -signal.SIGALRM


def test_a_mail_in_time_leaves_no_alarm_behind() -> None:
    done = ended("with time_limit(0.3):\n    pass\ntime.sleep(0.6)\nprint('alive')")

    assert (done.returncode, done.stdout) == (0, "alive\n")


def test_a_mail_that_raises_in_time_leaves_no_alarm_behind() -> None:
    program = "try:\n    with time_limit(0.3):\n        1 / 0\nexcept ZeroDivisionError:\n    time.sleep(0.6)"

    assert ended(program).returncode == 0


def test_an_alarm_that_was_set_before_still_rings() -> None:
    program = "signal.signal(signal.SIGALRM, lambda *_: print('rang', flush=True))\n"
    program += "signal.setitimer(signal.ITIMER_REAL, 0.5)\n"
    program += "with time_limit(20):\n    time.sleep(0.1)\ntime.sleep(1)\nprint('alive')"

    assert ended(program).stdout == "rang\nalive\n"


def test_in_a_thread_there_is_no_limit_and_the_log_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    limits.warn_once.cache_clear()

    def work() -> str:
        with time_limit(0.05), memory_limit(1):
            time.sleep(0.2)
            return "done" + str(bytearray(2 * limits.MEGABYTE)[:0], "ascii")

    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(1) as thread:
        done = [thread.submit(work).result() for _ in range(2)]

    assert done == ["done", "done"]
    assert len(re.findall("worked in a thread", caplog.text)) == 1


def test_memory_without_end_is_an_error_and_the_limit_goes_with_the_mail() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)

    with pytest.raises(MemoryError), memory_limit(64):
        hoard()

    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert bytearray(128 * limits.MEGABYTE)


def test_a_limit_of_the_operators_own_is_never_raised() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = limits.address_space()
    assert used
    resource.setrlimit(resource.RLIMIT_AS, (used + 64 * limits.MEGABYTE, before[1]))
    try:
        with memory_limit(100_000):
            inside = resource.getrlimit(resource.RLIMIT_AS)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)

    assert inside == used + 64 * limits.MEGABYTE


def test_a_mail_that_the_databases_library_has_no_memory_for_is_no_lost_connection(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(MemoryError), memory_limit(64):
        connection.execute(text("SELECT repeat('x', 300000000)")).scalar()


def test_a_mail_that_takes_all_memory_is_quarantined_and_its_neighbours_are_taken_in(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "parse", lambda raw: hoard() if b"poison" in raw else parse(raw))
    for number, subject in enumerate(("before", "poison", "after")):
        store_in_ledger(services, a_raw_mail(subject=subject, message_id=f"<{number}@x>"))

    for _ in range(MOST_TRIES):
        receive_due(services)

    found = query(services, "SELECT fate, tries, error FROM mail.ledger ORDER BY id")
    assert [(row["fate"], row["tries"]) for row in found] == [("applied", 0), ("quarantined", 3), ("applied", 0)]
    assert str(found[1]["error"]).startswith("MemoryError")
