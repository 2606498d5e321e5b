"""Several pollers at once, each with its own connections, take each mail once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mail.imap import Mailbox
from mail.server import Server
from tests.postboxes import append, ledger
from worker import poll_store
from worker.office import Office
from worker.poll import poll_mailbox

OpenOffice = Callable[..., Office]
POLLERS = 4


def test_pollers_at_once_take_each_mail_once_and_never_work_side_by_side(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices = [open_office(FROM_START="true") for _ in range(POLLERS)]
    append(server, *(f"mail{number}" for number in range(40)))
    monkeypatch.setattr(poll_store, "CHUNK", 5)
    fetched: list[int] = []
    real = Mailbox.fetch

    def fetch(mailbox: Mailbox, uids: list[int], *more: object) -> object:
        fetched.extend(uids)
        return real(mailbox, uids, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Mailbox, "fetch", fetch)
    together = threading.Barrier(POLLERS)

    def work(office: Office) -> int:
        together.wait(timeout=20)
        return sum(poll_mailbox(office, "support").stored for _ in range(5))

    with ThreadPoolExecutor(POLLERS) as pollers:
        stored = sum(pollers.map(work, offices))

    assert (stored, len(ledger(offices[0])), sorted(fetched)) == (40, 40, sorted(set(fetched)))


def test_a_poller_that_was_taken_over_in_mid_poll_stores_nothing_twice(
    open_office: OpenOffice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = open_office(FROM_START="true"), open_office(FROM_START="true")
    append(server, *(f"mail{number}" for number in range(12)))
    monkeypatch.setattr(poll_store, "CHUNK", 4)
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
    assert len(ledger(quick)) == 12
