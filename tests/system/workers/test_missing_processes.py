"""A worker that is stopped and a login that is refused, of real processes: one alert, one all-clear, and no second."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from seed.stack.mailhost.server import MailServer
from tests.support.database.services import execute, query
from tests.support.servers.real_processes import Desk, a_desk, a_process, worker_commands
from worker.demo.processes import BEAT
from worker.runtime.health.watchman import watch_over

pytestmark = pytest.mark.timeout(120)
# As if more than two beats had been missed, for which a test does not wait.
LATER = "UPDATE mail.pulse SET beat_at = beat_at - interval '80 s' WHERE 'wire' = ANY (queues)"


def watch(desk: Desk) -> tuple[int, int, int]:
    """One look of a watchman: how much is wrong, of what he told that it began, and that it is over."""
    seen = watch_over(desk.services)
    return len(seen.problems), len(seen.began), len(seen.ended)


def wait_for(desk: Desk, count: int, statement: str) -> None:
    ends = time.monotonic() + 60
    while query(desk.services, statement)[0]["n"] != count:
        assert time.monotonic() < ends, statement
        time.sleep(0.2)


def alerts(desk: Desk) -> list[str]:
    """The subjects of the alerts in the outbox, by the order of writing."""
    rows = query(desk.services, "SELECT subject FROM mail.outbox WHERE template = 'alert' ORDER BY id")
    return [str(row["subject"]) for row in rows]


def test_a_stopped_worker_and_a_wrong_password_are_told_once_and_once_that_they_are_over(
    tmp_path: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = worker_commands("0")
    with a_desk(tmp_path, mail_server) as desk, ExitStack() as running:

        def start(name: str, log: str) -> Callable[[], None]:
            life = running.enter_context(ExitStack())
            life.enter_context(a_process(tmp_path, log, commands.get(name, BEAT)))
            return life.close

        monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "wrong")
        stop_wire = start("wire worker 0", "first")
        start("desk worker 0", "desk")
        start("beat", "beat")
        wait_for(desk, 3, "SELECT count(*) AS n FROM mail.pulse")
        wait_for(desk, 1, "SELECT coalesce(max(refused_times), 0) AS n FROM mail.mailbox")
        refused = [watch(desk), watch(desk)]
        stop_wire()
        execute(desk.services, LATER)
        stopped = [watch(desk), watch(desk)]
        monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", mail_server.password)
        start("wire worker 0", "second")
        wait_for(desk, 0, "SELECT count(*) AS n FROM mail.mailbox WHERE refused_times > 0 OR polled_at IS NULL")
        over = [watch(desk), watch(desk)]
        wait_for(desk, 4, "SELECT count(*) AS n FROM mail.outbox WHERE template = 'alert' AND fate = 'sent'")

        assert (refused, stopped) == ([(1, 1, 0), (1, 0, 0)], [(2, 1, 0), (2, 0, 0)])
        assert over == [(0, 0, 2), (0, 0, 0)]
        assert [subject.removeprefix("Desk: ") for subject in alerts(desk)[:2]] == [
            "The server of mailbox support refuses us",
            "No worker on the queue wire",
        ]
        assert sorted(subject.removeprefix("Desk: ") for subject in alerts(desk)[2:]) == [
            "All clear: No worker on the queue wire",
            "All clear: The server of mailbox support refuses us",
        ]
