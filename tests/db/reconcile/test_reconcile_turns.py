"""Reconciliation and pollers take turns at a mailbox, and what ran out of time is taken up again."""

from datetime import timedelta

import pytest

from mail.imap import Mailbox
from mail.server import Server
from models.mailboxes import take_lease
from tests.offices import rows, run
from tests.reconciled import OpenOffice, append, lacks, ledger, lose, make_stub, ours
from worker import reconcile as reconciling
from worker.office import Office
from worker.poll import poll_mailbox
from worker.reconcile import Lack, reconcile_mailbox, reconcile_to_the_end
from worker.transaction import transaction


def test_a_mailbox_that_a_poller_has_is_not_touched(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "PATIENCE_SECONDS", 0)
    lose(office, ours(server)[2])
    with transaction(office.engine) as session:
        take_lease(session, 1, timedelta(minutes=5))

    compared = reconcile_mailbox(office, "support", repair=True)

    assert compared.trouble == "another poller has the mailbox"
    assert len(ledger(office)) == 2


def test_a_poller_waits_while_a_mailbox_is_reconciled(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[str | None] = []
    real = Mailbox.uids_after

    def look(mailbox: Mailbox, uid: int) -> list[int]:
        polled.append(poll_mailbox(office, "support").trouble)
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", look)
    reconcile_mailbox(office, "support")

    assert polled == ["another poller has the mailbox"]
    assert rows(office, "SELECT lease_token FROM mail.mailbox") == [{"lease_token": None}]


def test_who_lost_the_lease_repairs_nothing(office: Office, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    lost, stub = ours(server)[1:3]
    lose(office, lost)
    make_stub(office, stub)
    real = Mailbox.uids_after

    def slow(mailbox: Mailbox, uid: int) -> list[int]:
        run(office, "UPDATE mail.mailbox SET lease_token = gen_random_uuid()")
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", slow)
    compared = reconcile_mailbox(office, "support", repair=True)

    assert [gap.repaired for gap in compared.gaps] == [False, False]
    assert compared.trouble == "a poller took the mailbox over"


def test_a_folder_that_was_never_polled_is_said_so(open_office: OpenOffice, server: Server) -> None:
    append(server, "old")
    office = open_office()

    compared = reconcile_mailbox(office, "support", repair=True)

    assert compared.trouble == "the folder was never polled under its present UIDVALIDITY"
    assert ledger(office) == []


def test_a_repair_that_runs_out_of_time_is_taken_up_again(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = ours(server)[1:3]
    for uid in lost:
        lose(office, uid)
    monkeypatch.setattr("worker.poll_store.CHUNK", 1)
    monkeypatch.setattr("worker.poll_store.Watch.is_over", True)

    compared = reconcile_to_the_end(office, "support", repair=True)

    assert lacks(compared) == [(Lack.MISSING, lost[0], True), (Lack.MISSING, lost[1], True)]
    assert not compared.more
