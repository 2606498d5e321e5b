"""Two beats, two pollers and two of every worker, and each ring rung many times: every effect is there once."""

from pathlib import Path

import pytest
from celery import Celery

from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    append_threads,
    await_decided,
    await_rest,
    blamed_rows,
    read_effects,
)
from tests.support.database.services import query
from tests.support.servers.real_processes import Desk, a_desk, processes
from worker.runtime.bell import QUEUES

pytestmark = pytest.mark.timeout(120)
THREADS, EACH = 15, 4
RINGS = 8


def ring_often(desk: Desk) -> None:
    """Ring many times for everything, as two beats and two watches would."""
    with Celery(broker=desk.broker_url) as app:
        app.conf.broker_transport_options = {"global_keyprefix": "supportdesk:"}
        for _ in range(RINGS):
            for task, queue in QUEUES.items():
                app.send_task(task, ("support",) if task == "poll" else (), queue=queue)


def test_two_of_everything_have_each_effect_once(tmp_path: Path, mail_server: MailServer) -> None:
    with a_desk(tmp_path, mail_server) as desk, processes(tmp_path, workers=2, beats=2):
        mails = append_threads(desk.services, "double", THREADS, EACH)
        ring_often(desk)
        await_decided(desk.services, "double", mails // 3)
        ring_often(desk)
        await_rest(desk.services, "double", mails)

        sent = query(desk.services, "SELECT message_id FROM mail.outbox WHERE fate = 'sent'")
        assert read_effects(desk.services, "double") == Effects.expected("double", THREADS, EACH)
        assert blamed_rows(desk.services) == []
        assert desk.sink.taken == {str(row["message_id"]): 1 for row in sent}
