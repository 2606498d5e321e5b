"""Each process says four times a minute that it is there, and one that is gone is forgotten after a day."""

import logging
from datetime import timedelta

import pytest

from desk.reports.health.facts import ProcessKind
from models.reports.health.pulses import read_processes
from tests.support.database.services import execute, query
from worker.runtime.clock import now
from worker.runtime.health import pulse as pulses
from worker.runtime.health.pulse import Pulse
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LATER = "UPDATE mail.pulse SET beat_at = beat_at - CAST(:age AS interval), started_at = started_at - interval '1 hour'"


def test_a_beat_says_who_it_is_and_how_its_machine_stands(services: Services) -> None:
    Pulse(services.settings, ProcessKind.WORKER, ("wire", "desk")).beat()

    with transaction(services.engine) as session:
        (seen,) = read_processes(session)
    assert (seen.kind, seen.queues, seen.key) == (
        ProcessKind.WORKER,
        ("desk", "wire"),
        services.policy.keys.fingerprints[0],
    )
    assert abs(seen.clock_off) < timedelta(seconds=5)
    assert seen.disk_free
    assert seen.silent < timedelta(seconds=5)


def test_the_next_beat_takes_the_place_of_the_last(services: Services) -> None:
    pulse = Pulse(services.settings, ProcessKind.BEAT)
    pulse.beat()
    execute(services, LATER, age="10 minutes")

    pulse.beat()

    (row,) = query(services, "SELECT now() - beat_at AS silent, now() - started_at AS age FROM mail.pulse")
    assert max(row["silent"], row["age"]) < timedelta(seconds=5)


@pytest.mark.parametrize(("age", "left"), [("23 hours", 2), ("25 hours", 1)])
def test_a_process_that_is_gone_is_forgotten_after_a_day(age: str, left: int, services: Services) -> None:
    Pulse(services.settings, ProcessKind.WATCH).beat()
    execute(services, "UPDATE mail.pulse SET host = 'gone.example'", LATER, age=age)

    Pulse(services.settings, ProcessKind.WATCH).beat()

    assert len(query(services, "SELECT FROM mail.pulse")) == left


def test_a_process_that_slept_for_days_beats_again(services: Services) -> None:
    pulse = Pulse(services.settings, ProcessKind.WORKER, ("desk",))
    pulse.beat()
    execute(services, LATER, age="3 days")

    assert pulse.beat()


def test_a_wrong_clock_is_measured(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "now", lambda: now() - timedelta(hours=1))

    Pulse(services.settings, ProcessKind.WORKER, ("desk",)).beat()

    with transaction(services.engine) as session:
        (seen,) = read_processes(session)
    assert abs(seen.clock_off + timedelta(hours=1)) < timedelta(seconds=5)


def test_a_database_that_is_away_costs_beats_and_one_line_of_the_log(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    away = services.settings.database.model_copy(update={"url": type(services.settings.desk.secret_key)(NOWHERE)})
    pulse = Pulse(services.settings.model_copy(update={"database": away}), ProcessKind.BEAT)
    caplog.set_level(logging.WARNING)

    beaten = [pulse.beat(), pulse.beat()]

    assert (beaten, [record.levelname for record in caplog.records]) == ([False, False], ["WARNING"])


NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none?schema=public&connection_limit=3"
