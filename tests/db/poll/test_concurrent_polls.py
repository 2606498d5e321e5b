"""Several pollers at once, each with its own connections, take each mail once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mail.imap.mailbox import Mailbox
from mail.server import Server
from tests.support.database.services import MakeServices, mailbox_of
from tests.support.servers.mailboxes import append, ledger_rows
from worker.poll import store
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services

POLLERS = 4


def test_pollers_at_once_take_each_mail_once_and_never_work_side_by_side(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_services = [make_services(**mailbox_of(server), FROM_START="true") for _ in range(POLLERS)]
    append(server, *(f"mail{number}" for number in range(40)))
    monkeypatch.setattr(store, "CHUNK", 5)
    fetched: list[int] = []
    real = Mailbox.fetch

    def fetch(mailbox: Mailbox, uids: list[int], *more: object) -> object:
        fetched.extend(uids)
        return real(mailbox, uids, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Mailbox, "fetch", fetch)
    together = threading.Barrier(POLLERS)

    def work(services: Services) -> int:
        together.wait(timeout=20)
        return sum(poll_mailbox(services, "support").stored for _ in range(5))

    with ThreadPoolExecutor(POLLERS) as pollers:
        stored = sum(pollers.map(work, worker_services))

    assert (stored, len(ledger_rows(worker_services[0])), sorted(fetched)) == (40, 40, sorted(set(fetched)))


def test_a_poller_that_was_taken_over_in_mid_poll_stores_nothing_twice(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = (make_services(**mailbox_of(server), FROM_START="true") for _ in range(2))
    append(server, *(f"mail{number}" for number in range(12)))
    monkeypatch.setattr(store, "CHUNK", 4)
    quickly: list[int] = []

    def overtake() -> None:
        if not quickly:
            with slow.engine.begin() as connection:
                connection.exec_driver_sql("UPDATE mail.mailbox SET lease_until = now() - interval '1 second'")
            quickly.append(0)
            quickly[0] = poll_mailbox(quick, "support").stored

    slowly = poll_mailbox(slow, "support", after_chunk=overtake)

    assert (slowly.stored, slowly.trouble) == (4, "another poller took the mailbox over")
    assert quickly == [8]
    assert len(ledger_rows(quick)) == 12
