"""`#split`: what stands below it becomes a ticket of the same customer, who is told of it with these words."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
TICKETS = """SELECT t.title, t.description, u.email FROM "Ticket" t
JOIN "User" u ON u.id = t."createdById" ORDER BY t."createdAt", t.id """
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def bob_writes(services: Services, text: str, **headers: str) -> Any:
    return answer(services, last_mail(services, BOB, "ticket-assigned"), text, **headers)


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment"')]


def test_the_words_above_are_the_answer_and_those_below_a_ticket_of_the_same_customer(services: Services) -> None:
    mine = last_mail(services, BOB, "ticket-assigned")
    answer(services, mine, "Hello Ann, switch it off.\n\n#split\nThe invoice of May is paid twice.\n\nPlease check.")

    assert comments(services) == ["Hello Ann, switch it off."]
    assert query(services, TICKETS)[1] == {
        "title": "The invoice of May is paid twice.",
        "description": "The invoice of May is paid twice.\n\nPlease check.",
        "email": ANN,
    }
    category = query(services, """SELECT category::text AS name FROM "Ticket" WHERE title LIKE 'The invoice%'""")
    assert category == [{"name": "billing"}]
    told = {mail["subject"]: words_of(mail) for mail in mails_to(services, ANN)}
    assert "switch it off" in told["Re: [SD-1001] Printer"]
    assert "This is what we wrote down: | The invoice of May is paid twice." in told["[SD-1002] We have your request"]
    assert "The words below it are SD-1002 now. ann@customer.example is told" in words_of(
        last_mail(services, BOB, "command-answer")
    )


def test_a_title_stands_behind_it_and_both_tickets_say_where_they_come_from(services: Services) -> None:
    bob_writes(services, "#split Toner is empty\nCyan and yellow.")

    assert [row["title"] for row in query(services, TICKETS)] == ["Printer", "Toner is empty"]
    assert comments(services) == []
    steps = query(services, """SELECT description FROM "TicketActivity" WHERE description LIKE 'Split%' ORDER BY 1""")
    assert [row["description"] for row in steps] == ["Split from SD-1001", "Split into SD-1002"]


def test_an_answer_to_the_new_ticket_stays_there(services: Services) -> None:
    bob_writes(services, "#split Toner is empty\nCyan and yellow.")

    row = answer(services, last_mail(services, ANN, "ticket-opened"), "Magenta, too.")

    assert row["ticket_number"] == 1002


HELD = [
    "#split Toner\nCyan.\n#resolve\nAnd yellow.",
    "#split Toner\nCyan.\n#split Paper\nWhite.",
    "#note\n#split Toner\nCyan.",
    "Hello Ann, see below.\n\n#split Toner\n-- Please write your answer above this line --\nCyan.",
    "#split Toner\nThe customer pays late and must not know that we know.",
    "#split The customer pays late and must not know that we know.\nCyan.",
]


@pytest.mark.parametrize("text", HELD)
def test_what_may_not_go_to_the_customer_makes_no_ticket(services: Services, text: str) -> None:
    mine = last_mail(services, BOB, "ticket-assigned")
    answer(services, mine, "#note\nThe customer pays late and must not know that we know.")
    read = len(mails_to(services, ANN))

    assert answer(services, mine, text)["fate"] == "not_applied"
    assert (len(query(services, TICKETS)), comments(services), len(mails_to(services, ANN))) == (1, [], read)


def test_without_words_below_it_nothing_is_split(services: Services) -> None:
    bob_writes(services, "Hello Ann, switch it off.\n\n#split Toner")

    assert "Refused: #split Toner Write below #split" in words_of(last_mail(services, BOB, "command-answer"))
    assert (len(query(services, TICKETS)), comments(services)) == (1, ["Hello Ann, switch it off."])


def test_a_line_of_a_customer_splits_nothing(services: Services) -> None:
    answer(services, last_mail(services, ANN), "It burns.\n#split\nAnd the toner is empty.")

    assert len(query(services, TICKETS)) == 1
    assert comments(services) == ["It burns.\n#split\nAnd the toner is empty."]
