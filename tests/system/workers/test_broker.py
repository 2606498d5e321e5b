"""The broker may go, come back and forget: real workers go on by themselves, and no mail is blamed for it."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from celery import Celery
from redis import Redis
from sqlalchemy import text

from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    append_threads,
    await_condition,
    await_decided,
    await_rest,
    blamed_rows,
    broker_keys,
    mails_not_sent_once,
    read_effects,
)
from tests.support.servers.real_processes import Desk, a_desk, processes

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 6, 3


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[Desk]:
    """A desk whose workers run all through this module, as an operator's do."""
    folder = tmp_path_factory.mktemp("broker")
    # A task is held for some seconds below, which a mail must be allowed to take.
    limits = {"LIMITS__CLAIM_LEASE_SECONDS": "60", "LIMITS__MAIL_SECONDS": "30"}
    with a_desk(folder, mail_server, None, **limits) as desk, processes(folder, pool="prefork"):
        yield desk


@contextmanager
def a_task_that_runs(desk: Desk) -> Iterator[None]:
    """Hold the worker in the middle of its `receive`, at a lock that this test has."""
    with desk.services.engine.begin() as connection:
        connection.execute(text('LOCK TABLE "Ticket" IN ACCESS EXCLUSIVE MODE'))
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        await_condition(lambda: bool(connection.execute(waiting).scalar_one()), 30)
        yield


def ring(desk: Desk, task: str) -> None:
    """Ring as another process of the desk would."""
    with Celery(broker=desk.broker_url) as app:
        app.conf.broker_transport_options = {"global_keyprefix": "supportdesk:"}
        app.send_task(task, queue="desk")


def test_a_task_that_runs_while_the_broker_restarts_is_finished_and_acknowledged(desk: Desk) -> None:
    mails = append_threads(desk.services, "restart", THREADS, EACH)
    with a_task_that_runs(desk):
        desk.broker.end_with(signal.SIGTERM)
        time.sleep(2)
        desk.broker.start()
        time.sleep(2)

    await_rest(desk.services, "restart", mails)
    await_condition(lambda: not any(broker_keys(desk).values()), 20, lambda: str(broker_keys(desk)))

    assert read_effects(desk.services, "restart") == Effects.expected("restart", THREADS, EACH)
    assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})


def test_a_ring_after_the_restart_is_heard_at_once(desk: Desk) -> None:
    desk.broker.end_with(signal.SIGTERM)
    desk.broker.start()
    time.sleep(4)

    ring(desk, "receive")
    begun = time.monotonic()
    await_condition(lambda: not any(broker_keys(desk).values()), 20, lambda: str(broker_keys(desk)))

    assert time.monotonic() - begun < 4


def test_a_broker_that_forgets_everything_costs_nothing(desk: Desk) -> None:
    mails = append_threads(desk.services, "flushed", THREADS, EACH)
    await_decided(desk.services, "flushed", 1)
    with Redis.from_url(desk.broker_url) as broker:
        broker.flushall()

    await_rest(desk.services, "flushed", mails)

    assert read_effects(desk.services, "flushed") == Effects.expected("flushed", THREADS, EACH)
    assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})


def test_a_broker_that_is_away_for_a_while_is_come_back_to(desk: Desk) -> None:
    desk.broker.end_with(signal.SIGKILL)
    mails = append_threads(desk.services, "away", THREADS, EACH)
    time.sleep(10)
    desk.broker.start()

    await_rest(desk.services, "away", mails)

    assert read_effects(desk.services, "away") == Effects.expected("away", THREADS, EACH)
    assert (blamed_rows(desk.services), mails_not_sent_once(desk)) == ([], {})
