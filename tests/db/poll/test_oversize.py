"""A mail that is too large stays on the server; its headers are kept, and who wrote it is told, once a day."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from imapclient import IMAPClient

from mail.imap.mailbox import open_mailbox
from mail.server import Server
from models.ledger.mails import list_partial
from tests.support.database.services import MakeServices, Supportdesk, a_raw_mail, execute, mailbox_of, query
from tests.support.servers.mailboxes import ledger_rows, uids
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.poll.run import poll_mailbox
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LARGE = "0123456789abcdef\n" * 70_000


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    settings = {"FROM_START": "true", "AFTER": "move", "MOVE_TO": "Taken", "LIMITS__LARGEST_MAIL_MEGABYTES": "1"}
    return make_services(**mailbox_of(server), **settings)


def arrive(services: Services, server: Server, body: str = LARGE, **headers: str) -> None:
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail(body, **headers))
    poll_mailbox(services, "support")


def answered(services: Services) -> list[object]:
    """Who is told, after everything that arrived was decided."""
    receive_due(services)
    announce_due(services)
    return [row["recipient"] for row in query(services, "SELECT recipient FROM mail.outbox ORDER BY id")]


def test_only_the_headers_of_a_mail_that_is_too_large_are_fetched(
    services: Services, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = IMAPClient.fetch

    def fetch(client: IMAPClient, some: Sequence[int], parts: Sequence[str]) -> object:
        asked.extend(parts)
        return real(client, some, parts)

    monkeypatch.setattr(IMAPClient, "fetch", fetch)

    arrive(services, server)

    assert "BODY.PEEK[]" not in asked
    (row,) = ledger_rows(services)
    (chunk,) = query(services, "SELECT content FROM mail.raw_chunk")
    assert (row["partial"], row["size"] > len(LARGE), row["message_id"]) == (True, True, "1@customer")
    assert b"Printer" in chunk["content"]
    assert b"0123456789abcdef" not in chunk["content"]


def test_a_mail_that_is_too_large_is_neither_moved_nor_deleted(services: Services, server: Server) -> None:
    arrive(services, server)
    arrive(services, server, "small", message_id="<2@x>")

    assert len(uids(server)) == 1
    assert len(uids(server, "Taken")) == 1
    assert all(row["server_done_at"] for row in ledger_rows(services))


def test_who_wrote_it_is_told_and_no_ticket_is_opened(services: Services, server: Server) -> None:
    arrive(services, server)

    told = answered(services)

    assert told == ["ann@customer.example"]
    assert query(services, 'SELECT 1 FROM "Ticket"') == []
    assert [(row["fate"], row["evidence"]["rule"]) for row in ledger_rows(services)] == [("not_applied", "too_large")]
    assert "1.6 MB" in query(services, "SELECT text FROM mail.outbox")[0]["text"]


def test_an_address_is_told_once_a_day(services: Services, server: Server) -> None:
    for number in range(3):
        arrive(services, server, message_id=f"<{number}@x>")
    same_day = answered(services)
    execute(services, "UPDATE mail.ledger SET decided_at = decided_at - interval '25 hours'")
    arrive(services, server, message_id="<next day@x>")

    assert same_day == ["ann@customer.example"]
    assert answered(services) == ["ann@customer.example"] * 2


def test_a_forged_one_does_not_keep_its_owner_from_being_told(make_services: MakeServices, server: Server) -> None:
    limits = {"FROM_START": "true", "LIMITS__LARGEST_MAIL_MEGABYTES": "1", "AUTHSERV_ID": "mx"}
    services = make_services(**mailbox_of(server), **limits)
    for number, result in enumerate(("fail", "none", "pass", "pass", "none")):
        found = {"authentication_results": f"mx; dmarc={result} header.from=customer.example"}
        arrive(services, server, message_id=f"<{number}@customer>", **found)

    answered(services)

    told = query(
        services,
        """SELECT l.evidence ->> 'proof' AS proof, o.fate FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id
        JOIN mail.ledger l ON l.id = e.cause ORDER BY o.id""",
    )
    assert [(row["proof"], row["fate"]) for row in told] == [("claimed", None), ("proven", None)]


def test_a_forged_one_of_nobody_we_know_waits_for_an_admin_and_makes_no_person(
    make_services: MakeServices, server: Server
) -> None:
    limits = {"FROM_START": "true", "LIMITS__LARGEST_MAIL_MEGABYTES": "1", "AUTHSERV_ID": "mx"}
    services = make_services(**mailbox_of(server), **limits)

    arrive(services, server, authentication_results="mx; dmarc=fail header.from=customer.example")
    told = answered(services)

    assert told == []
    assert query(services, "SELECT fate FROM mail.ledger WHERE fate <> 'baseline'") == [{"fate": "quarantined"}]
    assert query(services, "SELECT 1 FROM \"User\" WHERE email = 'ann@customer.example'") == []


def test_two_large_mails_decided_at_the_same_moment_are_answered_once(services: Services, server: Server) -> None:
    for number in range(6):
        arrive(services, server, message_id=f"<{number}@x>")
    execute(services, "UPDATE mail.ledger SET tries = 1")

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: receive_due(services), range(6)))

    assert answered(services) == ["ann@customer.example"]


@pytest.mark.parametrize("headers", [{"auto_submitted": "auto-replied"}, {"from": "support@desk.example"}])
def test_no_robot_and_not_the_desk_itself_is_told(services: Services, server: Server, headers: dict[str, str]) -> None:
    arrive(services, server, **headers)

    assert answered(services) == []


def test_mails_that_were_too_large_are_listed(services: Services, server: Server) -> None:
    arrive(services, server)
    receive_due(services)

    with transaction(services.engine) as session:
        (listed,) = list_partial(session)

    assert (listed.mailbox, listed.uid, listed.sender) == ("support", uids(server)[0], "ann@customer.example")
    assert "its body is still on the server" in str(listed.reason)


def test_an_admin_lists_them_by_command(services: Services, server: Server, supportdesk: Supportdesk) -> None:
    arrive(services, server)
    receive_due(services)

    shown, listed = supportdesk("mail", "large"), supportdesk("mail", "large", "--json")

    assert "ann@customer.example" in shown.stdout
    assert [one["sender"] for one in json.loads(listed.stdout)] == ["ann@customer.example"]
