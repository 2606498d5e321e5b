"""Reconciliation and pollers take turns at a mailbox, and what ran out of time is taken up again."""

from datetime import timedelta

import pytest

from mail.imap.mailbox import Mailbox
from mail.server import Server
from models.ledger.mailboxes import take_lease
from tests.support.database.reconciliation import (
    append_customer_mails,
    delete_from_ledger,
    gaps_of,
    make_stub,
    our_uids,
    uids_and_fates,
)
from tests.support.database.services import MakeServices, execute, mailbox_of, query
from worker.poll import reconcile as reconciling
from worker.poll.reconcile import Lack, reconcile_mailbox, reconcile_to_the_end
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services
from worker.runtime.transaction import transaction


def test_a_mailbox_that_a_poller_has_is_not_touched(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "PATIENCE_SECONDS", 0)
    delete_from_ledger(services, our_uids(server)[2])
    with transaction(services.engine) as session:
        take_lease(session, 1, timedelta(minutes=5))

    compared = reconcile_mailbox(services, "support", repair=True)

    assert compared.trouble == "another poller has the mailbox"
    assert len(uids_and_fates(services)) == 2


def test_a_poller_waits_while_a_mailbox_is_reconciled(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[str | None] = []
    real = Mailbox.uids_after

    def look(mailbox: Mailbox, uid: int) -> list[int]:
        polled.append(poll_mailbox(services, "support").trouble)
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", look)
    reconcile_mailbox(services, "support")

    assert polled == ["another poller has the mailbox"]
    assert query(services, "SELECT lease_token FROM mail.mailbox") == [{"lease_token": None}]


def test_who_lost_the_lease_repairs_nothing(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, stub = our_uids(server)[1:3]
    delete_from_ledger(services, lost)
    make_stub(services, stub)
    real = Mailbox.uids_after

    def slow(mailbox: Mailbox, uid: int) -> list[int]:
        execute(services, "UPDATE mail.mailbox SET lease_token = gen_random_uuid()")
        return real(mailbox, uid)

    monkeypatch.setattr(Mailbox, "uids_after", slow)
    compared = reconcile_mailbox(services, "support", repair=True)

    assert [gap.repaired for gap in compared.gaps] == [False, False]
    assert compared.trouble == "a poller took the mailbox over"


def test_a_folder_that_was_never_polled_is_said_so(make_services: MakeServices, server: Server) -> None:
    append_customer_mails(server, "old")
    services = make_services(**mailbox_of(server))

    compared = reconcile_mailbox(services, "support", repair=True)

    assert compared.trouble == "the folder was never polled under its present UIDVALIDITY"
    assert uids_and_fates(services) == []


def test_a_repair_that_runs_out_of_time_is_taken_up_again(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = our_uids(server)[1:3]
    for uid in lost:
        delete_from_ledger(services, uid)
    monkeypatch.setattr("worker.poll.store.CHUNK", 1)
    monkeypatch.setattr("worker.poll.lease.MailboxLease.is_time_up", True)

    compared = reconcile_to_the_end(services, "support", repair=True)

    assert gaps_of(compared) == [(Lack.MISSING, lost[0], True), (Lack.MISSING, lost[1], True)]
    assert not compared.more
