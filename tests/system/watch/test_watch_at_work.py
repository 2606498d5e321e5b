"""`supportdesk watch` beside real workers and without a beat: its rings alone bring every mail in, once."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import pytest

from mail.imap.mailbox import Mailbox, open_mailbox
from seed.stack.child import Program, running
from seed.stack.mailhost.server import MailServer
from tests.support.database.expected_effects import (
    Effects,
    a_thread_mail,
    append_threads,
    await_condition,
    await_decided,
    blamed_rows,
    read_effects,
)
from tests.support.database.services import query
from tests.support.servers.real_processes import Desk, a_desk, processes
from worker.runtime.services import imap_server

MAILS = 8
WATCH = (sys.executable, "-c", "from worker.cli.main import main; main()")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[Desk]:
    """A desk with workers and no beat, so that only the ring of a watch makes anybody poll."""
    folder = tmp_path_factory.mktemp("watchers")
    with a_desk(folder, mail_server) as desk, processes(folder, beats=0):
        yield desk


@pytest.fixture(scope="module")
def watch(desk: Desk) -> Iterator[Popen[bytes]]:
    """The command with its settings from `--config` alone, once workers have heard its first ring."""
    file = os.environ.pop("SUPPORTDESK_CONFIG")
    with a_watch(desk, "watch", "--config", file) as watch:
        os.environ["SUPPORTDESK_CONFIG"] = file
        await_effects(desk, "first", append_threads(desk.services, "first", 1, 1))
        yield watch


@contextmanager
def a_watch(desk: Desk, name: str, *options: str) -> Iterator[Popen[bytes]]:
    """Run the command until it listens, with its log in the desk's folder."""
    program = Program(name, desk.folder / f"{name}.log", os.geteuid())
    before = listeners(desk)
    with running(program, [*WATCH, *options, "watch"]) as process:
        await_condition(lambda: listeners(desk) > before, 30, program.log.read_text)
        yield process


def listeners(desk: Desk) -> int:
    return len(query(desk.services, "SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN supportdesk'"))


@contextmanager
def the_mailbox(desk: Desk) -> Iterator[Mailbox]:
    with open_mailbox(imap_server(desk.services.settings.mailbox[0], desk.services.limits)) as mailbox:
        yield mailbox


def stored(desk: Desk, word: str) -> int:
    return len(query(desk.services, "SELECT 1 FROM mail.ledger WHERE message_id LIKE :word || '-%'", word=word))


def await_effects(desk: Desk, word: str, mails: int) -> None:
    """Wait until so many mails of a word are decided and all is announced and sent, without a touch."""
    await_decided(desk.services, word, mails, 30)
    undone = "SELECT 1 FROM mail.event WHERE fate IS NULL UNION ALL SELECT 1 FROM mail.outbox WHERE fate IS NULL"
    await_condition(lambda: not query(desk.services, undone), 20)


def test_no_mail_is_left_over_that_comes_while_a_poll_is_at_work(desk: Desk, watch: Popen[bytes]) -> None:
    with the_mailbox(desk) as mailbox:
        # From one time to the next the second mail comes later in the poll that the first one rang for.
        for number in range(MAILS):
            mailbox.append("INBOX", a_thread_mail("meet", number, 0))
            time.sleep(0.015 * number)
            mailbox.append("INBOX", a_thread_mail("meet", number, 1))
            await_condition(lambda seen=2 * number + 2: stored(desk, "meet") == seen, 10)  # type: ignore[misc]
    await_effects(desk, "meet", 2 * MAILS)

    assert read_effects(desk.services, "meet") == Effects.expected("meet", MAILS, 2)


def test_a_mail_is_a_ticket_at_once_and_its_notices_are_out_soon_after(desk: Desk, watch: Popen[bytes]) -> None:
    took: list[float] = []
    with the_mailbox(desk) as mailbox:
        for number in range(MAILS):
            began = time.monotonic()
            mailbox.append("INBOX", a_thread_mail("quick", number, 0))
            await_effects(desk, "quick", number + 1)
            took.append(time.monotonic() - began)

    # What waits for a sweep, or as changes without an actor do, takes three seconds and more.
    assert sorted(took)[MAILS // 2] < 2.5


def test_two_watches_side_by_side_have_each_effect_once(desk: Desk, watch: Popen[bytes]) -> None:
    with a_watch(desk, "other watch"):
        await_effects(desk, "twin", append_threads(desk.services, "twin", 8, 3))

    assert read_effects(desk.services, "twin") == Effects.expected("twin", 8, 3)
    assert blamed_rows(desk.services) == []


@contextmanager
def hanging(desk: Desk) -> Iterator[None]:
    """Let the broker keep its connections and say nothing."""
    assert desk.broker.process is not None
    desk.broker.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        desk.broker.process.send_signal(signal.SIGCONT)


def test_a_broker_that_hangs_for_a_while_costs_neither_a_mail_nor_the_watch(desk: Desk, watch: Popen[bytes]) -> None:
    with hanging(desk):
        hung = append_threads(desk.services, "hung", 2, 1)
        time.sleep(2)
        before = stored(desk, "hung")
    await_effects(desk, "hung", hung)

    await_effects(desk, "after", append_threads(desk.services, "after", 2, 1))

    assert (before, watch.poll()) == (0, None)


def test_a_watch_ends_at_once_though_the_broker_hangs(desk: Desk, watch: Popen[bytes]) -> None:
    with hanging(desk):
        append_threads(desk.services, "end", 1, 1)
        time.sleep(1)

        watch.terminate()

        assert watch.wait(5) == 0
