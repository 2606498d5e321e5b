"""Mistakes by which other desks lost or repeated mail, and which no other test here would notice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from desk.trust.judge import Proof
from mail.server import Server
from models.ledger.rows import settle
from models.outbox.breakers import breaker_key, open_breaker
from tests.support.database.services import (
    ADMIN,
    MakeServices,
    a_raw_mail,
    execute,
    mailbox_of,
    process,
    query,
    store_in_ledger,
)
from tests.support.servers.mailboxes import append, ledger_rows, uids
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.poll import run as poll
from worker.poll.run import poll_mailbox
from worker.runtime.transaction import transaction

LONG_AGO = datetime.now(UTC) - timedelta(days=400)
TICKETS = 'SELECT (SELECT count(*) FROM "Ticket") AS tickets, (SELECT count(*) FROM "TicketActivity") AS activities'


def login(server: Server) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=20)
    client.login(server.user, server.password)
    return client


def test_a_mail_that_somebody_has_read_is_taken_like_any_other(make_services: MakeServices, server: Server) -> None:
    services = make_services(**mailbox_of(server))
    poll_mailbox(services, "support")
    append(server, "one", "two")
    with login(server) as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [b"\\Seen", b"\\Answered", b"\\Flagged"])

    polled = poll_mailbox(services, "support")

    assert polled.stored == 2


def test_a_mail_of_last_year_that_comes_today_is_taken_like_any_other(
    make_services: MakeServices, server: Server
) -> None:
    services = make_services(**mailbox_of(server))
    append(server, "first")
    poll_mailbox(services, "support")
    append(server, "archived", when=LONG_AGO)

    polled = poll_mailbox(services, "support")

    assert [polled.stored, *(row["message_id"] for row in ledger_rows(services))] == [1, "archived@x"]


def test_each_folder_of_an_account_has_its_own_place_to_go_on_from(make_services: MakeServices, server: Server) -> None:
    with login(server) as client:
        client.create_folder("Sales")
    append(server, *(f"mail {number}" for number in range(5)))
    services = make_services(**mailbox_of(server), FROM_START="true")
    poll_mailbox(services, "support")
    append(server, "sold", folder="Sales")

    polled = poll_mailbox(make_services(**mailbox_of(server), FROM_START="true", FOLDER="Sales"), "support")

    *inbox, sold = ledger_rows(services)
    assert (polled.stored, sold["folder"]) == (1, "Sales")
    assert sold["uid"] < max(row["uid"] for row in inbox)


def test_a_crash_behind_a_move_leaves_one_mail_in_the_folder_and_not_one_for_each_run(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true", AFTER="move", MOVE_TO="Taken")
    with monkeypatch.context() as patch:
        patch.setattr(poll, "set_done_on_server", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                poll_mailbox(services, "support")
            execute(services, "UPDATE mail.mailbox SET lease_until = now()")

    poll_mailbox(services, "support")

    assert (len(uids(server)), len(uids(server, "Taken")), len(ledger_rows(services))) == (0, 1, 1)
    assert ledger_rows(services)[0]["server_done_at"] is not None


def test_a_poll_that_is_broken_off_gives_its_mailbox_back(
    make_services: MakeServices, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(server, "one")
    services = make_services(**mailbox_of(server), FROM_START="true")
    with monkeypatch.context() as patch:
        patch.setattr(poll, "store_chunk", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            poll_mailbox(services, "support")
    (left,) = query(services, "SELECT lease_token, lease_until, trouble FROM mail.mailbox")

    polled = poll_mailbox(services, "support")

    assert left == {"lease_token": None, "lease_until": None, "trouble": "the last poll was broken off"}
    assert (polled.stored, polled.trouble) == (1, None)


def test_a_mail_that_fails_behind_its_ticket_leaves_none_and_makes_one_later(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_services(LIMITS__RETRY_SECONDS="0")

    def failing(*words: Any) -> None:
        settle(*words)
        raise ValueError("all is written, and nothing is committed")

    store_in_ledger(services, a_raw_mail())
    with monkeypatch.context() as broken:
        broken.setattr(intake, "settle", failing)
        receive_due(services, seconds=0)
    after_failure = query(services, TICKETS)

    receive_due(services)
    found = query(services, TICKETS)

    assert after_failure == [{"tickets": 0, "activities": 0}]
    assert found == [{"tickets": 1, "activities": 1}]


def test_mails_of_a_correspondent_whose_breaker_is_open_are_still_taken_in(make_services: MakeServices) -> None:
    services = make_services(ADMIN)
    with transaction(services.engine) as session:
        open_breaker(session, breaker_key("ann@customer.example", Proof.CLAIMED), "too fast")

    for number in range(30):
        process(services, a_raw_mail(f"Alarm {number}", message_id=f"<{number}@customer>"))
    found = query(services, TICKETS)
    told = query(
        services, "SELECT count(*) AS n FROM mail.outbox WHERE recipient = 'ada@desk.example' AND fate IS NULL"
    )

    assert (found[0]["tickets"], told[0]["n"]) == (30, 30)
