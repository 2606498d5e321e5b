"""A mail that is too large stays on the server; its headers are kept, and who wrote it is told, once a day."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from imapclient import IMAPClient

from mail.imap import open_mailbox
from mail.server import Server
from models.arrivals import list_partial
from tests.offices import a_raw_mail, rows, run
from tests.postboxes import ledger, uids
from worker.announce import announce_due
from worker.cli.main import main
from worker.intake import receive_due
from worker.office import Office
from worker.poll import poll_mailbox
from worker.transaction import transaction

OpenOffice = Callable[..., Office]
LARGE = "0123456789abcdef\n" * 70_000


@pytest.fixture
def office(open_office: OpenOffice) -> Office:
    return open_office(FROM_START="true", AFTER="move", MOVE_TO="Taken", LIMITS__LARGEST_MAIL_MEGABYTES="1")


def arrive(office: Office, server: Server, body: str = LARGE, **headers: str) -> None:
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail(body, **headers))
    poll_mailbox(office, "support")


def answered(office: Office) -> list[object]:
    """Who is told, after everything that arrived was decided."""
    receive_due(office)
    announce_due(office)
    return [row["recipient"] for row in rows(office, "SELECT recipient FROM mail.outbox ORDER BY id")]


def test_only_the_headers_of_a_mail_that_is_too_large_are_fetched(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = IMAPClient.fetch

    def fetch(client: IMAPClient, some: Sequence[int], parts: Sequence[str]) -> object:
        asked.extend(parts)
        return real(client, some, parts)

    monkeypatch.setattr(IMAPClient, "fetch", fetch)

    arrive(office, server)

    assert "BODY.PEEK[]" not in asked
    (row,) = ledger(office)
    (chunk,) = rows(office, "SELECT content FROM mail.raw_chunk")
    assert (row["partial"], row["size"] > len(LARGE), row["message_id"]) == (True, True, "1@customer")
    assert b"Printer" in chunk["content"]
    assert b"0123456789abcdef" not in chunk["content"]


def test_a_mail_that_is_too_large_is_neither_moved_nor_deleted(office: Office, server: Server) -> None:
    arrive(office, server)
    arrive(office, server, "small", message_id="<2@x>")

    assert len(uids(server)) == 1
    assert len(uids(server, "Taken")) == 1
    assert all(row["server_done_at"] for row in ledger(office))


def test_who_wrote_it_is_told_and_no_ticket_is_opened(office: Office, server: Server) -> None:
    arrive(office, server)

    told = answered(office)

    assert told == ["ann@customer.example"]
    assert rows(office, 'SELECT 1 FROM "Ticket"') == []
    assert [(row["fate"], row["evidence"]["rule"]) for row in ledger(office)] == [("not_applied", "too_large")]
    assert "1.6 MB" in rows(office, "SELECT text FROM mail.outbox")[0]["text"]


def test_an_address_is_told_once_a_day(office: Office, server: Server) -> None:
    for number in range(3):
        arrive(office, server, message_id=f"<{number}@x>")
    same_day = answered(office)
    run(office, "UPDATE mail.ledger SET decided_at = decided_at - interval '25 hours'")
    arrive(office, server, message_id="<next day@x>")

    assert same_day == ["ann@customer.example"]
    assert answered(office) == ["ann@customer.example"] * 2


def test_two_large_mails_decided_at_the_same_moment_are_answered_once(office: Office, server: Server) -> None:
    for number in range(6):
        arrive(office, server, message_id=f"<{number}@x>")
    run(office, "UPDATE mail.ledger SET tries = 1")

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: receive_due(office), range(6)))

    assert answered(office) == ["ann@customer.example"]


@pytest.mark.parametrize("headers", [{"auto_submitted": "auto-replied"}, {"from": "support@desk.example"}])
def test_no_robot_and_not_the_desk_itself_is_told(office: Office, server: Server, headers: dict[str, str]) -> None:
    arrive(office, server, **headers)

    assert answered(office) == []


def test_mails_that_were_too_large_are_listed(office: Office, server: Server) -> None:
    arrive(office, server)
    receive_due(office)

    with transaction(office.engine) as session:
        (listed,) = list_partial(session)

    assert (listed.mailbox, listed.uid, listed.sender) == ("support", uids(server)[0], "ann@customer.example")
    assert "its body is still on the server" in str(listed.reason)


def test_an_admin_lists_them_by_command(
    office: Office, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(office, server)
    receive_due(office)
    monkeypatch.chdir(tmp_path)
    url = office.engine.url.render_as_string(hide_password=False)
    runner = CliRunner(env={"DATABASE_URL": url, "SUPPORTDESK_CONFIG": "", "COLUMNS": "200"})

    shown, listed = runner.invoke(main, ["mail", "large"]), runner.invoke(main, ["mail", "large", "--json"])

    assert "ann@customer.example" in shown.stdout
    assert [one["sender"] for one in json.loads(listed.stdout)] == ["ann@customer.example"]
