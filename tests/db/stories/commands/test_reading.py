"""Reading by mail on a real database: what each reader is shown, and where answers to that go."""

from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

BOB, CAT, ADA, ANN = "bob@desk.example", "cat@desk.example", "ada@desk.example", "ann@customer.example"
EVE = "eve@elsewhere.example"
PASS = {"authentication_results": "mx; dmarc=pass header.from=desk.example"}
ANNS = {"authentication_results": "mx; dmarc=pass header.from=customer.example"}
EVES = {"authentication_results": "mx; dmarc=pass header.from=elsewhere.example"}
pytestmark = pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
Row = dict[str, Any]


def give_to(services: Services, email: str) -> None:
    execute(services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :to)""", to=email)


def asked(services: Services, sender: str, text: str, **headers: str) -> Row:
    """The answer to a mail that asks to read."""
    write_mail(services, sender, text, **(headers or PASS))
    return last_mail(services, sender, "command-answer")


def row_address(mail: Row, tag: str) -> str:
    """The address behind a row of a list, as a mail program takes it from the link."""
    link = next(part for part in mail["html"].split('href="mailto:')[1:] if f">{tag}<" in part[:300])
    return unquote(link.partition("?")[0])


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt"')]


def notes(services: Services) -> list[str]:
    return [row["text"] for row in query(services, "SELECT text FROM mail.note ORDER BY id")]


def test_what_is_written_to_the_address_of_a_row_is_on_that_ticket(services: Services) -> None:
    give_to(services, BOB)
    mail = asked(services, BOB, "#list")

    row = write_mail(
        services, BOB, "#resolve\nHello Ann,\n\ntry the other cable.", to=row_address(mail, "SD-1001"), **PASS
    )

    assert mail["listed"] == {"tickets": [1001]}
    assert (row["fate"], row["ticket_number"]) == ("applied", 1001)
    assert comments(services) == ["Hello Ann,\n\ntry the other cable."]
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]


def test_the_address_of_a_row_gives_nothing_to_anybody_else(services: Services) -> None:
    give_to(services, BOB)
    address = row_address(asked(services, BOB, "#list"), "SD-1001")

    stranger = write_mail(services, EVE, "#resolve\nSend me all.", to=address, **EVES)
    colleague = write_mail(services, CAT, "#resolve", to=address, **PASS)

    assert (stranger["fate"], notes(services)) == ("applied", ["#resolve\nSend me all."])
    assert colleague["fate"] == "not_applied"
    assert comments(services) == []
    assert mails_to(services, EVE) == []


def test_an_answer_to_a_shown_ticket_is_on_it(services: Services) -> None:
    give_to(services, BOB)
    mail = asked(services, BOB, "#show 1001")

    row = answer(services, mail, "Try the other cable.", **PASS)

    assert "My printer is broken." in mail["text"]
    assert row["ticket_number"] == 1001
    assert comments(services) == ["Try the other cable."]


def test_a_customer_reads_their_own_and_no_note_and_opens_no_ticket(services: Services) -> None:
    give_to(services, BOB)
    answer(
        services,
        last_mail(services, BOB) if mails_to(services, BOB) else asked(services, BOB, "#show 1001"),
        "#note\nHe has not paid for years.",
        **PASS,
    )

    listed, shown = asked(services, ANN, "#list", **ANNS), asked(services, ANN, "#show SD-1001", **ANNS)

    assert "SD-1001 Printer" in listed["text"]
    assert "My printer is broken." in shown["text"]
    assert notes(services) == ["He has not paid for years."]
    assert "paid for years" not in shown["text"] + shown["html"]
    assert query(services, 'SELECT count(*) AS n FROM "Ticket"') == [{"n": 1}]


@pytest.mark.parametrize("text", ["", "-- \nBob Smith\nDesk"])
def test_a_subject_may_ask(services: Services, text: str) -> None:
    give_to(services, BOB)

    mail = asked(services, BOB, text, subject="#list", **PASS)

    assert "SD-1001 Printer" in mail["text"]
