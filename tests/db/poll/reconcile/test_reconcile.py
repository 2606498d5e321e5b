"""Reconciliation on a real IMAP server: each gap is named in a sentence, and filled once where that is asked for."""

from collections.abc import Sequence

import pytest
from imapclient import IMAPClient

from desk.ticket import Role
from mail.imap.mailbox import open_mailbox
from mail.server import Server
from tests.support.database.reconciliation import (
    append_customer_mails,
    delete_from_ledger,
    gaps_of,
    make_stub,
    our_uids,
    ticket_titles,
    uids_and_fates,
)
from tests.support.database.services import MakeServices, a_raw_mail, execute, mailbox_of, make_staff, query
from tests.support.servers.mailboxes import uids
from worker.announce.run import announce_due
from worker.poll.reconcile import Compared, Lack, overdue_mails, reconcile_mailbox
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services


def test_where_nothing_is_missing_nothing_is_named(services: Services) -> None:
    compared = reconcile_mailbox(services, "support")

    assert compared == Compared("support", there=3)


def test_a_mail_that_the_ledger_lost_is_named_and_left_where_nobody_asks_for_more(
    services: Services, server: Server
) -> None:
    lost = our_uids(server)[2]
    delete_from_ledger(services, lost)

    compared = reconcile_mailbox(services, "support")

    assert [gap.sentence for gap in compared.gaps] == [
        f"UID {lost} of support (INBOX) is on the server and not in the ledger."
    ]
    assert len(uids_and_fates(services)) == 2


def test_a_mail_that_the_ledger_lost_becomes_a_ticket_exactly_once(services: Services, server: Server) -> None:
    lost = our_uids(server)[2]
    delete_from_ledger(services, lost)

    compared = reconcile_mailbox(services, "support", repair=True)

    assert gaps_of(compared) == [(Lack.MISSING, lost, True)]
    assert ticket_titles(services) == ["one", "three", "two"]


def test_a_second_repair_finds_nothing_more_and_makes_nothing_more(services: Services, server: Server) -> None:
    delete_from_ledger(services, our_uids(server)[2])
    reconcile_mailbox(services, "support", repair=True)
    made = ticket_titles(services)

    again = reconcile_mailbox(services, "support", repair=True)
    polled = poll_mailbox(services, "support")

    assert (again.gaps, polled.stored) == ((), 0)
    assert ticket_titles(services) == made


def test_several_gaps_are_filled_in_their_order(services: Services, server: Server) -> None:
    append_customer_mails(server, "four", "five")
    poll_mailbox(services, "support")
    for lost in our_uids(server)[1:5:2]:
        delete_from_ledger(services, lost)

    compared = reconcile_mailbox(services, "support", repair=True)

    assert [gap.uid for gap in compared.gaps] == our_uids(server)[1:5:2]
    assert ticket_titles(services) == ["five", "four", "one", "three", "two"]


def test_a_mail_from_before_the_first_sight_is_never_taken(services: Services, server: Server) -> None:
    reconcile_mailbox(services, "support", repair=True)

    assert {row["uid"] for row in uids_and_fates(services)} == set(uids(server)[2:])
    assert ticket_titles(services) == ["one", "three", "two"]


def test_a_mail_that_is_still_to_be_polled_is_no_gap(services: Services, server: Server) -> None:
    append_customer_mails(server, "new")

    compared = reconcile_mailbox(services, "support", repair=True)

    assert (compared.gaps, compared.waiting) == ((), 1)
    assert poll_mailbox(services, "support").stored == 1


def test_a_mail_that_left_the_server_is_counted_and_no_gap(services: Services, server: Server) -> None:
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.move(our_uids(server)[1:2], "Elsewhere")

    compared = reconcile_mailbox(services, "support")

    assert (compared.gaps, compared.gone, compared.there) == ((), 1, 2)


def test_a_stub_is_named_and_gets_its_bytes_and_becomes_a_ticket(services: Services, server: Server) -> None:
    stub = our_uids(server)[2]
    make_stub(services, stub)
    number = query(services, "SELECT id FROM mail.ledger WHERE uid = :uid", uid=stub)[0]["id"]

    compared = reconcile_mailbox(services, "support", repair=True)

    assert gaps_of(compared) == [(Lack.STUB, stub, True)]
    assert compared.gaps[0].sentence == (
        f"Mail {number} (UID {stub} of support) is in quarantine without its bytes, and the server has them."
    )
    assert ticket_titles(services) == ["one", "three", "two"]
    assert [row["id"] for row in query(services, "SELECT id FROM mail.ledger WHERE uid = :uid", uid=stub)] == [number]
    assert reconcile_mailbox(services, "support").gaps == ()


def test_a_filled_stub_has_what_a_poll_would_have_stored(services: Services, server: Server) -> None:
    columns = "SELECT l.*, content FROM mail.ledger l JOIN mail.raw_chunk ON ledger_id = l.id WHERE uid = :uid"
    differing = {"stored_at": None, "due_at": None, "server_done_at": None}
    stub = our_uids(server)[2]
    before = query(services, columns, uid=stub)[0] | differing
    make_stub(services, stub)

    reconcile_mailbox(services, "support", repair=True)

    filled = query(services, columns, uid=stub)[0]
    assert filled | differing == before
    # On the server it still lacks its flag.
    assert filled["server_done_at"] is None


def test_a_stub_whose_mail_left_the_server_is_no_gap_that_could_be_filled(services: Services, server: Server) -> None:
    stub = our_uids(server)[2]
    make_stub(services, stub)
    with open_mailbox(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.move([stub], "Elsewhere")

    compared = reconcile_mailbox(services, "support", repair=True)

    assert compared.gaps == ()


def test_a_gap_that_cannot_be_fetched_stays_named(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, stub = our_uids(server)[1:3]
    delete_from_ledger(services, lost)
    make_stub(services, stub)
    real = IMAPClient.fetch

    def without_bodies(client: IMAPClient, wanted: Sequence[int], parts: Sequence[str]) -> object:
        return {} if "BODY.PEEK[]" in parts else real(client, wanted, parts)

    monkeypatch.setattr(IMAPClient, "fetch", without_bodies)

    compared = reconcile_mailbox(services, "support", repair=True)

    assert gaps_of(compared) == [(Lack.MISSING, lost, False), (Lack.STUB, stub, False)]


def test_a_mail_whose_flag_was_never_set_is_named_after_a_day(services: Services, server: Server) -> None:
    late = our_uids(server)[1]
    age = "UPDATE mail.ledger SET server_done_at = NULL, stored_at = now() - CAST(:age AS interval) WHERE uid = :uid"
    execute(services, age, uid=late, age="23 hours")
    assert reconcile_mailbox(services, "support").gaps == ()

    execute(services, age, uid=late, age="25 hours")

    assert gaps_of(reconcile_mailbox(services, "support")) == [(Lack.UNFINISHED, late, False)]


def test_a_mail_that_is_undecided_is_named_after_an_hour(services: Services, server: Server) -> None:
    execute(
        services,
        "UPDATE mail.ledger SET due_at = now() - interval '61 minutes' WHERE uid = :uid",
        uid=our_uids(server)[1],
    )

    compared = reconcile_mailbox(services, "support")

    assert [gap.sentence.partition(" of ")[2] for gap in compared.gaps] == [
        "support has been undecided for more than an hour."
    ]


def test_an_outgoing_mail_is_named_when_it_is_overdue(services: Services) -> None:
    make_staff(services, "ada@desk.example", Role.ADMIN)
    ticket_titles(services)
    announce_due(services)
    assert overdue_mails(services) == ()

    execute(services, "UPDATE mail.outbox SET due_at = now() - interval '61 minutes' WHERE id = 1")

    assert [gap.sentence for gap in overdue_mails(services)] == ["Outgoing mail 1 has been due for more than an hour."]


def test_a_mail_that_is_too_large_is_listed_and_no_gap(make_services: MakeServices, server: Server) -> None:
    services = make_services(**mailbox_of(server), FROM_START="true", LIMITS__LARGEST_MAIL_MEGABYTES="1")
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail("word " * 250_000))
    poll_mailbox(services, "support")

    compared = reconcile_mailbox(services, "support", repair=True)

    assert (compared.gaps, compared.partial) == ((), tuple(uids(server)))


def test_a_mail_whose_bytes_were_let_go_is_not_fetched_anew(services: Services, server: Server) -> None:
    assert len(ticket_titles(services)) == 3
    execute(services, "DELETE FROM mail.raw_chunk")

    compared = reconcile_mailbox(services, "support", repair=True)
    poll_mailbox(services, "support")

    assert (compared.gaps, compared.there) == ((), 3)
    assert query(services, "SELECT count(*) AS n FROM mail.raw_chunk") == [{"n": 0}]
