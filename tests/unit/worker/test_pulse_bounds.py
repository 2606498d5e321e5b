"""A missing process is told of within two minutes, and one that is only busy is not called missing."""

import ast
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from desk.reports.health.facts import ProcessKind
from desk.reports.health.findings import SILENT_AFTER
from models.db.light import CONNECT_TIMEOUT_SECONDS
from tests.support.database.services import EXAMPLE, SECRET
from worker.cli.commands import watchman
from worker.runtime.health import pulse as pulses
from worker.runtime.health.pulse import BEAT_SECONDS, Pulse
from worker.settings.load import load_settings

TOLD_WITHIN = 120.0
# The settings decide whether the application can be imported; only its table is wanted.
APP = ast.parse((Path(__file__).parents[3] / "worker" / "app.py").read_text(encoding="utf-8"))
SWEEPS = next(
    ast.literal_eval(one.value)
    for one in APP.body
    if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "SWEEPS"
)
# Cron starts nothing more often; the others look by themselves.
LOOKS = {"cron": 60.0, "beat": SWEEPS["watchman"], "supportdesk watchman": watchman.AGAIN_SECONDS}
# What a watchman needs to start, to look and to run the program of the settings.
TO_TELL = 5.0


@pytest.mark.parametrize("who", LOOKS)
def test_a_process_that_ends_just_after_a_beat_and_a_look_is_told_of_within_two_minutes(who: str) -> None:
    assert SILENT_AFTER.total_seconds() + LOOKS[who] + TO_TELL <= TOLD_WITHIN


def test_of_three_beats_two_may_be_lost_and_the_third_may_be_late() -> None:
    assert SILENT_AFTER.total_seconds() >= 3 * BEAT_SECONDS + CONNECT_TIMEOUT_SECONDS + 5


@pytest.fixture
def pulse() -> Pulse:
    """The pulse of a worker with the settings of the example."""
    secrets = {
        "DESK__SECRET_KEY": SECRET,
        "MAILBOX__SUPPORT__PASSWORD": "x",
        "DATABASE__URL": "postgresql://x@127.0.0.1/x",
    }
    environ = {f"SUPPORTDESK_{name}": value for name, value in (secrets | {"BROKER__URL": "redis://127.0.0.1"}).items()}
    return Pulse(load_settings(EXAMPLE, environ), ProcessKind.WORKER, ("desk",))


@pytest.fixture
def beaten(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When a beat was written, by a clock that only goes forward; a beat is due all 20 ms."""
    written: list[float] = []
    monkeypatch.setattr(pulses, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(pulses, "LEAST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(pulses, "write_beat", lambda *_: written.append(time.monotonic()))
    return written


def keep_beating(pulse: Pulse, seconds: float, busy: Any = time.sleep) -> None:
    stop = Event()
    thread = Thread(target=pulse.keep_beating, args=(stop,))
    thread.start()
    busy(seconds)
    stop.set()
    thread.join()


def reckon(seconds: float) -> None:
    """Leave the processor to nobody, as a large mail does."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        sum(range(1000))


def test_a_process_that_is_busy_beats_on(pulse: Pulse, beaten: list[float]) -> None:
    keep_beating(pulse, 0.5, reckon)

    assert len(beaten) >= 5


def test_a_beat_that_takes_long_does_not_delay_the_next(
    pulse: Pulse, beaten: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulses, "BEAT_SECONDS", 0.1)

    def write_slowly(*_: object) -> None:
        beaten.append(time.monotonic())
        time.sleep(0.08)

    monkeypatch.setattr(pulses, "write_beat", write_slowly)

    keep_beating(pulse, 1)

    assert len(beaten) >= 8
