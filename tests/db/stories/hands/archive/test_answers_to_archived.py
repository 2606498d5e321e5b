"""A mail that belongs to an archived ticket: it comes back first, and then happens what happens with a live one."""

from typing import Any

import pytest

from bench.hands.old_tickets import make_old
from models.ledger.raw import raw_of
from models.outbox.delivery import read_outbox_mail
from tests.support.database.merged_tickets import DMARC_PASS, MERGE_SETTINGS, assignment_mail
from tests.support.database.services import ADMIN, AGENT, Supportdesk, execute, process, query, store_in_ledger
from tests.support.values.postfix_bounces import a_postfix_bounce
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.deliver.compose import ready_mail
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, **MERGE_SETTINGS)
ANN = "ann@customer.example"
AWAY = "SELECT number FROM mail.archive ORDER BY number"
COMMENTS = 'SELECT content FROM "Comment" ORDER BY "createdAt"'
TICKETS = """SELECT n.number, n.continues, t.status::text FROM mail.ticket n JOIN "Ticket" t ON t.id = n.ticket_id
    ORDER BY n.number"""
CAME_AT = "UPDATE mail.ledger SET internal_date = '2020-01-01 10:00:00+00'"
QUIET = "SELECT set_config('supportdesk.quiet', 'on', true)"


@pytest.fixture
def told(services: Services) -> dict[str, Any]:
    """A mail of ours to Ann about SD-1001, an old ticket of hers beside her newer SD-1002."""
    write_mail(services, f"Ann <{ANN}>", "It smokes.", subject="Smoke", **DMARC_PASS)
    answer(services, assignment_mail(services, 1001), "Try another cable.")
    told = last_mail(services, ANN, "comment-to-customer")
    write_mail(services, f"Ann <{ANN}>", "It burns.", subject="Fire", **DMARC_PASS)
    make_old(services.engine)
    return told


def archive(services: Services, supportdesk: Supportdesk, status: str = "closed") -> None:
    """Archive SD-1001, whose status was this."""
    execute(
        services, QUIET,
        """UPDATE "Ticket" SET status = CAST(:status AS "TicketStatus") FROM mail.ticket n
        WHERE n.ticket_id = id AND n.number = 1001""",
        """UPDATE "Ticket" SET "updatedAt" = now() FROM mail.ticket n WHERE n.ticket_id = id AND n.number > 1001""",
        status=status,
    )  # fmt: skip
    result = supportdesk("archive", "run", "--older-than", "2y", "--resolved")
    assert result.output == "1 ticket was archived.\n"


def tickets(services: Services) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in query(services, TICKETS)]


def away(services: Services) -> list[int]:
    return [row["number"] for row in query(services, AWAY)]


def test_an_answer_to_a_resolved_one_opens_it_again(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any]
) -> None:
    archive(services, supportdesk, "resolved")

    row = answer(services, told, "It smokes again.", **DMARC_PASS)

    assert (row["fate"], row["ticket_number"]) == ("applied", 1001), row["reason"]
    assert tickets(services)[0] == (1001, None, "open")
    # The quote of our mail was recognised by what the archive gave back.
    assert [one["content"] for one in query(services, COMMENTS)] == ["Try another cable.", "It smokes again."]
    assert away(services) == []
    # Nobody hears that it came back, and its owner hears of the answer.
    assert "It smokes again." in last_mail(services, "bob@desk.example", "comment-to-agent")["text"]


def test_an_answer_to_a_closed_one_opens_one_that_goes_on_from_it(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any]
) -> None:
    archive(services, supportdesk)

    row = answer(services, told, "It smokes again.", **DMARC_PASS)

    assert row["ticket_number"] == 1003
    assert tickets(services) == [(1001, None, "closed"), (1002, None, "closed"), (1003, 1001, "open")]
    assert away(services) == []


def test_an_answer_is_decided_like_one_to_a_live_ticket(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any]
) -> None:
    """Each kind of evidence, with and without the archive: the same fates, by the same rules."""
    archive(services, supportdesk, "resolved")
    bare = {"in_reply_to": "<none@x>", "references": "<none@x>"}
    mails = [
        ("by its Message-ID", {"to": "support@desk.example", **DMARC_PASS}),
        ("by its address", {**bare, **DMARC_PASS}),
        ("by its tag", {**bare, "to": "support@desk.example", "subject": "Re: [SD-1001] Smoke", **DMARC_PASS}),
        ("by nothing that proves", {"to": "support@desk.example"}),
    ]
    fates = []
    for text, headers in mails:
        row = answer(services, told, text, **headers)
        fates.append((row["evidence"]["rule"], row["ticket_number"]))
        assert away(services) == [], text
        execute(services, "UPDATE mail.ticket SET restored_at = NULL")
        make_old(services.engine)
        archive(services, supportdesk, "resolved")

    supportdesk("archive", "restore", "1001")
    live = [answer(services, told, f"{text}, live", **headers) for text, headers in mails]

    assert fates == [(row["evidence"]["rule"], row["ticket_number"]) for row in live]


def test_a_stranger_with_a_number_brings_nothing_back_that_stays_unused(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any]
) -> None:
    write_mail(services, "eve@elsewhere.example", "Mine.", subject="Mine")
    make_old(services.engine)
    archive(services, supportdesk)
    execute(services, "UPDATE mail.outbox SET recipient = 'eve@elsewhere.example' WHERE ticket_number = 1003")

    row = write_mail(services, "eve@elsewhere.example", "More of it.", subject="Re: [SD-1003] [SD-1001]")

    assert row["ticket_number"] != 1001
    assert away(services) == [1001]


def test_a_stranger_gets_what_a_live_ticket_gives(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any]
) -> None:
    archive(services, supportdesk, "resolved")

    row = write_mail(services, "eve@elsewhere.example", "Tell me all.", subject="Re: [SD-1001] Smoke")
    there = away(services)
    supportdesk("archive", "restore", "1001")
    live = write_mail(services, "eva@elsewhere.example", "Tell me all!", subject="Re: [SD-1001] Smoke")

    assert (row["evidence"]["rule"], live["evidence"]["rule"]) == ("new_ticket", "new_ticket")
    assert there == [1001]
    assert not [mail for mail in mails_to(services, "eve@elsewhere.example") if "smokes" in mail["text"]]


@pytest.mark.parametrize("command", ["#reopen", "Look at it.", "#note He called.", "#priority high"])
def test_staff_work_on_it_by_mail(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any], command: str
) -> None:
    order = assignment_mail(services, 1001)
    archive(services, supportdesk)

    row = answer(services, order, command)

    assert (row["fate"], row["ticket_number"]) == ("applied", 1001), row["reason"]
    assert away(services) == []


def test_a_ticket_is_merged_into_it(services: Services, supportdesk: Supportdesk, told: dict[str, Any]) -> None:
    archive(services, supportdesk, "resolved")

    answer(services, assignment_mail(services, 1002), "#merge SD-1001")

    assert away(services) == []
    assert query(services, "SELECT merged_into FROM mail.ticket WHERE number = 1002") == [{"merged_into": 1001}]


def test_a_late_bounce_is_a_note_on_it(services: Services, supportdesk: Supportdesk, told: dict[str, Any]) -> None:
    with transaction(services.engine) as session:
        bounce = a_postfix_bounce(ready_mail(session, services, read_outbox_mail(session, told["id"])))
    archive(services, supportdesk)

    row = process(services, bounce)

    assert (row["evidence"]["rule"], row["ticket_number"]) == ("bounced_mail", 1001), row["reason"]


def test_a_damaged_archive_is_like_a_ticket_that_is_gone(
    services: Services, supportdesk: Supportdesk, told: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    archive(services, supportdesk)
    execute(services, "UPDATE mail.archive_part SET content = substr(content, 1, 200)")

    row = answer(services, told, "It smokes again.", **DMARC_PASS)

    assert (row["fate"], row["ticket_number"]) == ("applied", 1003), row["reason"]
    assert away(services) == [1001]
    assert "The archive of SD-1001 is damaged" in caplog.text


def test_the_same_mail_again_is_known(services: Services, supportdesk: Supportdesk, told: dict[str, Any]) -> None:
    again = query(services, "SELECT id FROM mail.ledger WHERE ticket_number = 1001 ORDER BY id")[0]["id"]
    archive(services, supportdesk)
    with transaction(services.engine) as session:
        raw = raw_of(session, again)

    row = process(services, raw)

    assert (row["fate"], row["evidence"]["rule"]) == ("not_applied", "same_mail_twice")
    assert away(services) == [1001]


def test_the_same_mail_without_a_name_is_known_by_its_second(services: Services, supportdesk: Supportdesk) -> None:
    raw = b"Received: from a by b; Mon, 1 Jan 2020 10:00:00 +0000\r\nFrom: alarm@x.example\r\n\r\nDoor 7 is open.\r\n"
    process(services, raw)
    execute(services, CAME_AT)
    make_old(services.engine)
    supportdesk("archive", "run", "--older-than", "2y")

    # The server has numbered its folder anew, and the desk reads it again.
    row = store_in_ledger(services, raw)
    execute(services, CAME_AT)
    receive_due(services)

    again = query(services, "SELECT fate, evidence FROM mail.ledger WHERE id = :row", row=row)[0]
    assert (again["fate"], again["evidence"]["rule"]) == ("not_applied", "same_mail_twice")
    assert away(services) == [1001]
