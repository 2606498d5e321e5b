"""Hundreds of mailboxes in one installation: read in a moment, and polled one after the other over the interval."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.database.services import EXAMPLE, SECRET
from worker.settings.load import load_settings

ROOT = Path(__file__).parents[4]
MAILBOXES = 300
# Importing the application reads the settings, so it is asked in a process of its own, by what beat makes of it.
QUESTION = """
import json
from celery.beat import Scheduler
from worker.app import app
entries = [entry for entry in Scheduler(app).schedule.values() if entry.task == "poll"]
print(json.dumps([
    {
        "mailbox": entry.args[0],
        "dated": "expires" in entry.options,
        "every": entry.schedule.seconds,
        "first": entry.schedule.remaining_estimate(entry.last_run_at).total_seconds(),
    }
    for entry in entries
]))
"""
MAILBOX = """
[[mailbox]]
name = "desk{0}"
address = "desk{0}@desk.example"
host = "127.0.0.1"
port = 143
security = "plain"
user = "desk{0}"
password = "demo"
plus_addressing = true
poll_every_seconds = 60
"""
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://127.0.0.1:1/desk",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "supportdesk.toml"
    further = "".join(MAILBOX.format(number) for number in range(MAILBOXES))
    file.write_text(EXAMPLE.read_text(encoding="utf-8") + further, encoding="utf-8")
    return file


@pytest.fixture
def polls(file: Path) -> list[dict[str, Any]]:
    """What beat has to ring for in these mailboxes: where, how often, and in how many seconds for the first time."""
    environment = {**os.environ, **ENVIRONMENT, "SUPPORTDESK_CONFIG": str(file)}
    done = subprocess.run(
        [sys.executable, "-c", QUESTION], env=environment, capture_output=True, check=True, timeout=60, cwd=ROOT
    )
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def test_three_hundred_mailboxes_are_read_in_a_moment(file: Path) -> None:
    began = time.monotonic()

    settings = load_settings(file, ENVIRONMENT)

    assert time.monotonic() - began < 2
    assert len(settings.mailbox) == MAILBOXES + 1


def test_each_mailbox_is_rung_for_at_its_interval(polls: list[dict[str, Any]]) -> None:
    every = {one["mailbox"]: one["every"] for one in polls if one["mailbox"] != "support"}

    assert every == {f"desk{number}": 60 for number in range(MAILBOXES)}


def test_no_ring_has_a_date_that_a_workers_wrong_clock_could_pass(polls: list[dict[str, Any]]) -> None:
    assert not any(one["dated"] for one in polls)


def test_the_polls_are_spread_over_the_interval(polls: list[dict[str, Any]]) -> None:
    first = [one["first"] for one in polls if one["mailbox"] != "support"]
    each_second = [sum(second <= one < second + 1 for one in first) for second in range(-5, 60)]

    assert max(first) - min(first) > 55
    assert max(each_second) <= 10
