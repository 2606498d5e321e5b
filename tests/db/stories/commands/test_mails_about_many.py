"""One mail of staff about many tickets: each line is carried out, one answer tells of all, and two such mails agree."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from bench.hands.old_tickets import make_old
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.removal.archive.choose import OldEnough, choose
from models.removal.archive.shape import read_shape
from models.removal.archive.take import archive
from tests.support.database.services import (
    ADMIN,
    AGENT,
    MakeServices,
    a_raw_mail,
    execute,
    make_staff,
    query,
    report_is_due,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ADA, BOB, CAT = "ada@desk.example", "bob@desk.example", "cat@desk.example"
ANN, DORA = "ann@customer.example", "dora@acme.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
SETTINGS = {"AUTHSERV_ID": "mx.desk.example", "LIMITS__RETRY_SECONDS": "0", **report_is_due()}
TICKETS = """SELECT number, t.status::text, t.priority::text, email AS owner, merged_into FROM mail.ticket
    JOIN "Ticket" t ON t.id = ticket_id LEFT JOIN "User" u ON u.id = t."assignedToId" ORDER BY number"""
NOTES = "SELECT ticket_number, text FROM mail.note WHERE ledger_id IS NOT NULL ORDER BY 1, 2"


@pytest.fixture
def services(make_services: MakeServices, tmp_path: Path) -> Services:
    """Bob has SD-1001 to SD-1004 of Ann; SD-1005 of Dora is Cat's."""
    (tmp_path / "refund.txt").write_text("status: resolved\n\nHello {customer}, see {ticket}.\n")
    services = make_services(ADMIN, AGENT, DESK__MACROS=str(tmp_path), **SETTINGS)
    for number, title in enumerate(("Smoke", "Fire", "Water", "Wind")):
        store_in_ledger(services, a_raw_mail("It is there.", subject=title, message_id=f"<{number}@x>"))
    make_staff(services, CAT)
    raw = a_raw_mail("Mine.", subject="Bill", message_id="<5@x>", **{"from": f"Dora <{DORA}>"})
    store_in_ledger(services, raw)
    receive_due(services)
    give = """UPDATE public."Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :to)
        WHERE id IN (SELECT ticket_id FROM mail.ticket WHERE number = 1005 OR :to <> 'cat@desk.example')"""
    execute(services, give, to=BOB)
    execute(services, give, to=CAT)
    store_in_ledger(services, a_raw_mail("#help", **{"from": BOB}, message_id="<6@x>", **PASS))
    receive_due(services)
    announce_due(services)
    return services


def a_list(services: Services) -> dict[str, Any]:
    """A mail to Bob about no ticket, which he may answer."""
    return last_mail(services, BOB, "command-answer")


def tickets(services: Services) -> dict[int, tuple[Any, ...]]:
    return {row["number"]: tuple(row.values())[1:] for row in query(services, TICKETS)}


def lines_told(services: Services) -> list[tuple[str, bool]]:
    details = query(services, "SELECT details FROM mail.event WHERE kind = 'command_answered' ORDER BY id")[-1][
        "details"
    ]
    return [(one["line"], one["done"]) for one in details["outcomes"]]


LINES = """\
1001 #resolve
SD-1002 #assign cat
#1003 #say refund
[SD-1003]: #priority high
- 1001 #note He called.
1005 #close
1009 #close
1001 #reslove
1002 #resolve now
"""


def test_each_line_is_carried_out_or_refused_and_one_answer_tells_of_all(services: Services) -> None:
    before, to_ann = tickets(services), len(mails_to(services, ANN))
    answers = len(mails_to(services, BOB, "command-answer"))

    ledger = answer(services, a_list(services), LINES, **PASS)

    after = tickets(services)
    assert (ledger["fate"], ledger["evidence"]["rule"]) == ("applied", "many_tickets")
    assert after[1001] == ("resolved", "medium", BOB, None)
    assert after[1002] == ("open", "medium", CAT, None)
    assert after[1003] == ("resolved", "high", BOB, None)
    assert (after[1004], after[1005]) == (before[1004], before[1005])
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "Hello Ann, see SD-1003."}]
    assert query(services, NOTES) == [{"ticket_number": 1001, "text": "He called."}]
    told = last_mail(services, BOB, "command-answer")
    assert (told["ticket_number"], len(mails_to(services, BOB, "command-answer")) - answers) == (None, 1)
    assert lines_told(services) == [(line, place < 5) for place, line in enumerate(LINES.splitlines())]
    texts = [mail["text"] for mail in mails_to(services, ANN)[to_ann:]]
    assert len([text for text in texts if "Hello Ann, see SD-1003." in text]) == 1
    assert not any("He called" in text for text in texts)


def test_an_answer_to_the_mail_of_a_changed_ticket_still_goes_there(services: Services) -> None:
    ledger = answer(services, a_list(services), "1001 #note A\n1002 #note B", **PASS)

    assert query(services, "SELECT 1 FROM mail.reading WHERE ledger_id = :id", id=ledger["id"]) == []
    later = answer(services, mails_to(services, BOB, "ticket-assigned")[0], "Hello Ann, done.", **PASS)
    assert later["ticket_number"] == 1001


def test_undo_takes_back_what_the_whole_mail_did(services: Services) -> None:
    before, listed = tickets(services), a_list(services)
    answer(services, listed, "1001 #resolve\n1002 #assign cat\n1003 #merge 1004", **PASS)

    answer(services, listed, "#undo", **PASS)

    assert tickets(services) == before
    assert lines_told(services) == [("#undo", True)] * 3


LOCKED = {
    "tickets": (
        """SELECT 1 FROM "Ticket" WHERE id = (SELECT ticket_id FROM mail.ticket WHERE number = :number)
        FOR NO KEY UPDATE""",
        1002,
        1003,
    ),
    "mails": ("SELECT 1 FROM mail.outbox WHERE ticket_number = :number AND due_at < now() FOR UPDATE", 1003, 1001),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_undo_of_a_list_locks_its_rows_in_the_order_of_everybody(services: Services, kind: str) -> None:
    statement, first, second = LOCKED[kind]
    answer(services, a_list(services), "1001 #resolve\n1003 #resolve\n1003 #merge 1002", **PASS)
    # The mails of the later ticket go first.
    sooner = "UPDATE mail.outbox SET due_at = now() - (ticket_number - 1000) * interval '1 h'"
    execute(services, f"{sooner} WHERE ticket_number IS NOT NULL")
    listed = a_list(services)
    head = {"from": BOB, "message_id": "<undo@x>", "in_reply_to": f"<{listed['message_id']}>", **PASS}
    store_in_ledger(services, a_raw_mail("#undo", to=listed["reply_to"], **head))
    undo = Thread(target=receive_due, args=(services,))

    with transaction(services.engine) as session:
        assert session.execute(text(statement), {"number": first}).all()
        undo.start()
        undo.join(0.5)
        assert undo.is_alive()
        assert session.execute(text(f"{statement} NOWAIT"), {"number": second}).all()
    undo.join(30)

    assert not undo.is_alive()
    assert lines_told(services) == [("#undo", True)] * 2


HELD = [
    ("1001 #resolve\nPlease call Ann.", "Beside lines such as “12 #resolve” it holds words"),
    ("Hi,\n\n1001 #resolve", "Beside lines such as “12 #resolve” it holds words"),
    ("\n".join(["1001 #resolve"] * 51), "It names tickets on more than 50 lines; send them in several mails."),
]


@pytest.mark.parametrize(("text", "told"), HELD)
def test_a_mail_that_is_no_list_of_lines_does_nothing_and_its_author_is_told(
    services: Services, text: str, told: str
) -> None:
    before = tickets(services)

    ledger = answer(services, a_list(services), text, **PASS)

    assert (ledger["fate"], tickets(services)) == ("not_applied", before)
    assert told in " ".join(last_mail(services, BOB, "mail-held")["text"].split())


def test_such_lines_in_an_answer_on_a_ticket_go_to_no_customer(services: Services) -> None:
    before, to_ann = tickets(services), len(mails_to(services, ANN))

    ledger = answer(services, mails_to(services, BOB, "ticket-assigned")[0], "1002 #resolve", **PASS)

    assert (ledger["fate"], tickets(services), len(mails_to(services, ANN))) == ("not_applied", before, to_ann)


def test_an_agent_without_the_signed_address_is_asked_first_and_then_carried_out(services: Services) -> None:
    before = tickets(services)

    ledger = write_mail(services, BOB, "1001 #resolve\n1002 #resolve", subject="List", **PASS)
    assert (ledger["fate"], tickets(services)) == ("not_applied", before)
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)

    assert [tickets(services)[number][0] for number in (1001, 1002)] == ["resolved"] * 2


def test_a_customer_changes_nothing_by_such_lines(services: Services) -> None:
    before = tickets(services)

    answer(services, mails_to(services, ANN)[0], "1002 #close\n1003 #close", authentication_results=(
        "mx.desk.example; dmarc=pass header.from=customer.example"
    ))  # fmt: skip

    assert {number: tickets(services)[number] for number in before if number != 1001} == {
        number: row for number, row in before.items() if number != 1001
    }


def test_merges_in_one_mail_make_no_circle(services: Services) -> None:
    answer(services, a_list(services), "1001 #merge 1002\n1002 #merge #1001\n1003 #merge SD-1002", **PASS)

    merged = {number: row[3] for number, row in tickets(services).items()}
    assert merged == {1001: 1002, 1002: None, 1003: 1002, 1004: None, 1005: None}
    assert [done for _, done in lines_told(services)] == [True, False, True]


def test_a_merged_ticket_says_where_it_went_and_a_closed_one_takes_commands(services: Services) -> None:
    answer(services, a_list(services), "1001 #merge 1002\n1003 #close", **PASS)

    answer(services, a_list(services), "1001 #resolve\n1003 #priority high\n1003 #reopen\n1003 #priority low", **PASS)

    assert lines_told(services) == [("1001 #resolve", False), ("1003 #priority high", True), ("1003 #reopen", True),
                                    ("1003 #priority low", True)]  # fmt: skip
    text = " ".join(last_mail(services, BOB, "command-answer")["text"].split())
    assert "SD-1001 is part of SD-1002; write that number." in text
    assert tickets(services)[1003][:2] == ("open", "low")


def test_an_archived_ticket_stays_where_it_is(services: Services) -> None:
    listed = a_list(services)
    make_old(services.engine)
    with transaction(services.engine, quiet=True) as session:
        where = choose(session, OldEnough(datetime.now(UTC) - timedelta(days=2 * 365)), 0)[1]
        archive(session, read_shape(session), where[:1])
    (away,) = query(services, "SELECT number FROM mail.archive")

    answer(services, listed, f"{away['number']} #reopen", **PASS)

    assert lines_told(services) == [(f"{away['number']} #reopen", False)]
    assert "is in the archive" in last_mail(services, BOB, "command-answer")["text"]
    assert query(services, "SELECT number FROM mail.archive") == [away]


def test_a_report_is_answered_so_too(services: Services) -> None:
    start_due_reports(services)
    announce_due(services)

    ledger = answer(services, last_mail(services, ADA, "daily-report"), "1001 #resolve\n1005 #priority high", **PASS)

    assert (ledger["fate"], tickets(services)[1001][0], tickets(services)[1005][1]) == ("applied", "resolved", "high")


@pytest.fixture
def workers(services: Services, make_services: MakeServices, tmp_path: Path) -> list[Services]:
    return [make_services(DESK__MACROS=str(tmp_path), **SETTINGS) for _ in range(2)]


def test_two_lists_over_the_same_tickets_in_another_order_wait_for_each_other_and_never_for_ever(
    services: Services, workers: list[Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [1001, 1002, 1003, 1004]
    for order, command in ((numbers, "#note up"), (numbers[::-1], "#say refund")):
        words = "\n".join(f"{number} {command}" for number in order)
        given = {"from": BOB, "subject": "Re", "message_id": f"<{command[1:4]}@x>", **PASS}
        listed = a_list(services)
        raw = a_raw_mail(
            words, to=listed["reply_to"] or "support@desk.example", in_reply_to=f"<{listed['message_id']}>", **given
        )
        store_in_ledger(services, raw)
    both = Barrier(2)

    def met(raw: bytes) -> InboundMail:
        both.wait(10)
        return parse(raw)

    with monkeypatch.context() as together, ThreadPoolExecutor(2) as pool:
        together.setattr(intake, "BATCH", 1)
        together.setattr(intake, "parse", met)
        list(pool.map(receive_due, workers))
    receive_due(workers[0])
    announce_due(services)

    fates = query(services, "SELECT fate, tries FROM mail.ledger ORDER BY id DESC LIMIT 2")
    assert fates == [{"fate": "applied", "tries": 0}] * 2
    assert [tickets(services)[number][0] for number in numbers] == ["resolved"] * 4
    assert query(services, NOTES) == [{"ticket_number": number, "text": "up"} for number in numbers]
