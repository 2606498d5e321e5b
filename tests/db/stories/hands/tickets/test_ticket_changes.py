"""`supportdesk ticket comment | assign | status`: the same rows and mails as what staff do by mail."""

from typing import Any

import pytest

from tests.support.database.services import AGENT, Supportdesk, a_raw_mail, execute, make_staff, process, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT)
ANN, BOB = "ann@customer.example", "bob@desk.example"
TICKET = 'SELECT status::text, "assignedToId" AS owner FROM public."Ticket"'
HISTORY = """SELECT a.action, a.description, u.email FROM public."TicketActivity" a
    JOIN public."User" u ON u.id = a."userId" ORDER BY a."createdAt" """


@pytest.fixture
def number(services: Services) -> int:
    return int(process(services, a_raw_mail())["ticket_number"])


def history(services: Services) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in query(services, HISTORY)][2:]


def test_an_answer_goes_to_the_customer_and_the_ticket_is_in_progress(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    result = supportdesk("ticket", "comment", number, "Hello Ann,\n\nturn it off.", "--as", BOB.upper())
    announce_due(services)

    assert result.output == f"The answer stands on SD-{number}, and goes to {ANN}.\n"
    assert "turn it off." in last_mail(services, ANN, "comment-to-customer")["text"]
    assert query(services, TICKET)[0]["status"] == "in_progress"
    assert history(services) == [
        ("commented", "Added a comment", BOB),
        ("updated", "Status changed from open to in_progress", BOB),
    ]


def test_a_note_reaches_staff_alone(services: Services, supportdesk: Supportdesk, number: int) -> None:
    make_staff(services, "eve@desk.example")
    before = len(mails_to(services, ANN))

    result = supportdesk("ticket", "comment", number, "The old model.", "--note", "--as", "eve@desk.example")
    announce_due(services)

    assert result.exit_code == 0, result.output
    assert "The old model." in last_mail(services, BOB)["text"]
    assert len(mails_to(services, ANN)) == before
    assert query(services, 'SELECT count(*) AS n FROM public."Comment"') == [{"n": 0}]


def test_a_ticket_is_given_away_and_its_new_owner_told(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    make_staff(services, "eve@desk.example")

    said = [supportdesk("ticket", "assign", number, "eve@desk.example", "--as", BOB).output for _ in range(2)]
    announce_due(services)

    assert said == [
        f"SD-{number} is eve@desk.example's now.\n",
        f"SD-{number} is eve@desk.example's already; nothing was changed.\n",
    ]
    assert len(mails_to(services, "eve@desk.example", "ticket-assigned")) == 1
    assert supportdesk("ticket", "assign", number, "none", "--as", BOB).output == f"SD-{number} is nobody's now.\n"
    assert query(services, TICKET)[0]["owner"] is None


def test_a_status_is_set_and_the_customer_told(services: Services, supportdesk: Supportdesk, number: int) -> None:
    result = supportdesk("ticket", "status", number, "resolved", "--as", BOB)
    announce_due(services)

    assert result.output == f"SD-{number} was open and is resolved now; {ANN} is told.\n"
    assert history(services) == [("updated", "Status changed from open to resolved", BOB)]
    assert "resolved" in last_mail(services, ANN)["text"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("comment", "{}", "Hi.", "--as", ANN), f"{ANN} is not staff."),
        (("assign", "{}", ANN, "--as", BOB), f"{ANN} is not staff."),
        (("status", "{}", "closed", "--as", "nobody@desk.example"), "nobody@desk.example is not staff."),
        (("status", "999999", "closed", "--as", BOB), "There is no ticket SD-999999."),
        (("comment", "{}", " \n", "--as", BOB), "There are no words to write on the ticket."),
        (("comment", "{}", "a\0b", "--as", BOB), "The words hold bytes that are no text"),
        (("comment", "{}", "a\udcff", "--as", BOB), "The words hold bytes that are no text"),
        (("comment", "{}", "Hi.", "--as", "bob"), "bob is no mail address."),
        (("assign", "{}", "eve", "--as", BOB), "eve is no mail address."),
        (("status", "{}", "done", "--as", BOB), "is not one of 'open'"),
        (("comment", "{}", "Hi."), "Missing option '--as'. Say who of staff does it, by their address;"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(
    services: Services, supportdesk: Supportdesk, number: int, words: tuple[str, ...], sentence: str
) -> None:
    result = supportdesk("ticket", *(word.format(number) for word in words))

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert history(services) == []


def test_a_merged_ticket_points_to_where_it_went(services: Services, supportdesk: Supportdesk, number: int) -> None:
    other = int(process(services, a_raw_mail(message_id="<2@customer.example>", subject="Again"))["ticket_number"])

    answer(services, last_mail(services, BOB, "ticket-assigned"), f"#merge SD-{number}")

    result = supportdesk("ticket", "status", other, "closed", "--as", BOB)

    assert result.exit_code == 2
    assert f"SD-{other} is part of SD-{number} now: change that one." in result.output


def test_a_note_stays_within_staff_after_its_author_has_left(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    secret = "The contract of Ann Okafor ends in March, and she does not know of it yet."
    make_staff(services, "eve@desk.example")
    supportdesk("ticket", "comment", number, secret, "--note", "--as", BOB)
    announce_due(services)
    supportdesk("ticket", "assign", number, "eve@desk.example", "--as", BOB)
    announce_due(services)
    assert supportdesk("user", "staff", "remove", BOB).exit_code == 0

    answer(services, last_mail(services, "eve@desk.example", "ticket-assigned"), f"Hello Ann,\n\n{secret}")

    assert [mail for mail in mails_to(services, ANN) if secret in mail["text"] and mail["fate"] != "held"] == []


def test_an_answer_to_nobody_is_refused_and_no_status_is_said_to_be_told(
    services: Services, supportdesk: Supportdesk, number: int
) -> None:
    nobody = """UPDATE public."User" SET id = 'supportdesk-unproven-senders' WHERE email = :email"""
    execute(services, nobody, email=ANN)

    answered = supportdesk("ticket", "comment", number, "Hello.", "--as", BOB)
    closed = supportdesk("ticket", "status", number, "closed", "--as", BOB)

    assert answered.exit_code == 2
    assert "an answer reaches nobody. Write a note with --note" in answered.output
    assert closed.output == f"SD-{number} was open and is closed now.\n"
