"""Beat rings no bell that would only wait in its queue."""

import logging
from typing import Any

import pytest
from celery import Celery
from celery.beat import ScheduleEntry

from worker.runtime.beat import MOST_WAITING, BoundedScheduler, waiting

ENTRY: dict[str, Any] = {"task": "receive", "schedule": 10.0, "args": (), "options": {"queue": "desk"}}


@pytest.fixture(name="app")
def make_app() -> Celery:
    app = Celery("rings", broker=f"memory://{id(object())}", set_as_current=False)
    app.conf.update(beat_schedule={"sweep": ENTRY}, task_ignore_result=True)
    return app


def ring(app: Celery, times: int) -> None:
    scheduler = BoundedScheduler(app=app, lazy=True)
    entry = ScheduleEntry(name="sweep", app=app, **ENTRY)
    for _ in range(times):
        scheduler.apply_entry(entry, producer=scheduler.producer)


def test_rings_that_nobody_hears_are_bounded(app: Celery, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        ring(app, MOST_WAITING + 3)

    assert waiting(app, "desk") == MOST_WAITING
    assert caplog.text.count("no worker listens to it") == 3


def test_a_queue_that_is_not_there_yet_is_empty(app: Celery) -> None:
    assert waiting(app, "nowhere") == 0


def test_a_broker_that_is_away_is_not_waited_for() -> None:
    away = Celery("away", broker="redis://127.0.0.1:1/0", set_as_current=False)

    assert waiting(away, "desk") == 0
