"""No mail shows one person what was given to another: signed addresses, and lines of internal notes."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from itertools import count
from typing import Any

import pytest

from desk.ticket import Role
from models.departures import read_departure
from tests.offices import a_raw_mail, an_office, hire, rows, run, take_in
from worker.announce import announce_due
from worker.office import Office
from worker.packing import packed
from worker.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
SECRET = "This customer has not paid since March."
NUMBERS = count(1)


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    """Ann has a ticket, which Bob works on; each of them got a mail of it."""
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, BOB)
    take_in(office, a_raw_mail())
    yield office
    office.engine.dispose()


def last(office: Office, recipient: str) -> dict[str, Any]:
    """The last mail to somebody."""
    return rows(office, "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1", to=recipient)[0]


def sent_to(office: Office, recipient: str) -> bytes:
    """The last mail to somebody as it goes over the wire."""
    with transaction(office.engine) as session:
        return packed(session, office, read_departure(session, last(office, recipient)["id"])).message


def notes(office: Office) -> list[str]:
    return [str(row["text"]) for row in rows(office, "SELECT text FROM mail.note ORDER BY id")]


def keep_note(office: Office, text: str = SECRET, author: str | None = BOB) -> None:
    """An internal note that was written a moment ago."""
    run(
        office,
        """INSERT INTO mail.note (ticket_number, person_number, text, reason, written_at)
        VALUES (1001, (SELECT p.number FROM mail.person p JOIN "User" u ON u.id = p.user_id WHERE u.email = :author),
            :text, 'A test.', now())""",
        text=text,
        author=author,
    )


def comment(office: Office, text: str, author: str = BOB) -> None:
    """Somebody writes a comment in the web application."""
    run(
        office,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT :id, :text, t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
        FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = :author""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
        id=f"comment {next(NUMBERS)}",
        text=text,
        author=author,
    )
    announce_due(office)


def answer(office: Office, filename: str, content: bytes) -> dict[str, Any]:
    """Bob answers by mail with a file; what became of the mail to Ann."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, last(office, BOB)["reply_to"], "Re: Printer"
    mail["Message-ID"] = f"<answer {next(NUMBERS)}@desk>"
    mail.set_content("See the file.")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    take_in(office, mail.as_bytes())
    return last(office, ANN)


def wrapped(content: bytes) -> bytes:
    """A mail within a mail, encoded."""
    outer = MIMEMultipart()
    outer["From"], outer["Subject"] = "x@y.example", "Look"
    part = MIMEText(content.decode(), "plain", "utf-8")
    part.add_header("Content-Disposition", "attachment", filename="inner.eml")
    outer.attach(part)
    return outer.as_bytes()


def test_a_line_of_a_note_does_not_reach_the_customer(office: Office) -> None:
    keep_note(office)

    comment(office, f"Dear Ann,\n> {SECRET}\nWe are on it.")

    found = last(office, ANN)
    assert (found["template"], found["fate"]) == ("comment-to-customer", "held")
    assert "a line of an internal note of the ticket" in found["reason"]


def test_the_author_of_a_held_mail_is_told_on_the_ticket(office: Office) -> None:
    keep_note(office)

    comment(office, SECRET)
    announce_due(office)

    assert "did not reach ann@customer.example" in notes(office)[-1]
    assert (last(office, BOB)["template"], last(office, BOB)["fate"]) == ("note-to-agent", None)
    assert "a line of an internal note" in " ".join(last(office, BOB)["text"].split())


def test_a_note_may_be_written_to_staff(office: Office) -> None:
    keep_note(office)

    comment(office, SECRET, "ada@desk.example")

    found = rows(office, "SELECT recipient, fate FROM mail.outbox WHERE template = 'comment-to-agent'")
    assert found == [{"recipient": BOB, "fate": None}]


def test_a_note_that_quotes_what_all_could_read_gives_nothing_away(office: Office) -> None:
    comment(office, "Please turn it off and on again.")
    keep_note(office, f"I told them:\n> Please turn it off and on again.\n\n{last(office, ANN)['text']}")

    comment(office, "Please turn it off and on again.")

    assert last(office, ANN)["fate"] is None


def test_what_somebody_wrote_themselves_is_no_secret_from_them(office: Office) -> None:
    keep_note(office, "My printer burns since Tuesday.", ANN)

    comment(office, "> My printer burns since Tuesday.\nSince when?")

    assert last(office, ANN)["fate"] is None


def test_a_note_that_was_accepted_is_no_secret(office: Office) -> None:
    keep_note(office, author=None)
    run(office, "UPDATE mail.note SET accepted_at = now()")

    comment(office, SECRET)

    assert last(office, ANN)["fate"] is None


def test_the_note_of_another_ticket_is_no_note_of_this_one(office: Office) -> None:
    take_in(office, a_raw_mail(message_id="<2@x>", **{"from": "dan@customer.example"}))
    keep_note(office)
    run(office, "UPDATE mail.note SET ticket_number = 1002")

    comment(office, SECRET)

    assert last(office, ANN)["fate"] is None


@pytest.mark.parametrize("column", ["reply_to", "message_id"])
def test_a_right_of_an_agent_does_not_reach_the_customer(office: Office, column: str) -> None:
    right = last(office, BOB)[column]

    comment(office, f"You can reach me at {right} as well.")

    assert last(office, ANN)["fate"] == "held"
    assert "signed address of somebody else" in last(office, ANN)["reason"]
    assert "did not reach ann@customer.example" in notes(office)[-1]


def test_a_right_of_another_customer_does_not_reach_a_customer(office: Office) -> None:
    take_in(office, a_raw_mail(message_id="<2@x>", **{"from": "dan@other.example"}))
    right = last(office, "dan@other.example")["reply_to"]

    comment(office, f"Write to {right}.")

    assert (last(office, ANN)["template"], last(office, ANN)["fate"]) == ("comment-to-customer", "held")


def test_a_customers_own_rights_may_come_back_to_them(office: Office) -> None:
    right = last(office, ANN)["reply_to"]

    comment(office, f"On Monday, {right} wrote:\n> My printer is broken.")

    assert last(office, ANN)["fate"] is None


def test_what_a_customer_quotes_of_our_mail_reaches_the_agent(office: Office) -> None:
    own = last(office, ANN)

    comment(office, f"On Monday, {own['reply_to']} wrote:\n{own['text']}", ANN)

    assert (last(office, BOB)["template"], last(office, BOB)["fate"]) == ("comment-to-agent", None)


def test_a_right_of_an_agent_reaches_no_other_agent(office: Office) -> None:
    right = last(office, BOB)["reply_to"]
    hire(office, "cat@desk.example")
    run(office, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'cat@desk.example')""")

    comment(office, f"Write to {right}.", ANN)

    assert last(office, "cat@desk.example")["fate"] == "held"


DEAD = {
    "expired": "UPDATE mail.outbox SET token_expires_at = now() - interval '1 second' WHERE recipient = :bob",
    "seen by others": "UPDATE mail.outbox SET spent_at = now() WHERE recipient = :bob",
    "of another key": "UPDATE mail.outbox SET mailbox = 'other' WHERE recipient = :bob",
}


@pytest.mark.parametrize("why", DEAD)
def test_a_right_that_is_dead_gives_nothing_away(office: Office, why: str) -> None:
    right = last(office, BOB)["reply_to"]
    run(office, DEAD[why], bob=BOB)

    comment(office, f"You can reach me at {right} as well.")

    assert last(office, ANN)["fate"] is None


@pytest.mark.parametrize("filename", ["mail.eml", "mail.txt"])
@pytest.mark.parametrize("deep", [0, 1])
def test_an_attached_mail_to_an_agent_does_not_reach_the_customer(office: Office, filename: str, deep: int) -> None:
    content = sent_to(office, BOB)
    for _ in range(deep):
        content = wrapped(content)

    found = answer(office, filename, content)

    assert (found["template"], found["fate"]) == ("comment-to-customer", "held")
    assert f"file “{filename}” holds a signed address" in found["reason"]


def test_a_note_in_an_attached_mail_does_not_reach_the_customer(office: Office) -> None:
    keep_note(office)

    found = answer(office, "note.eml", wrapped(a_raw_mail(SECRET)))

    assert found["fate"] == "held"
    assert "file “note.eml” holds a line of an internal note" in found["reason"]


def test_a_file_without_anything_of_ours_goes(office: Office) -> None:
    keep_note(office)

    found = answer(office, "picture.png", b"\x89PNG\r\n\0\0" + bytes(range(256)) * 100)

    assert (found["template"], found["fate"]) == ("comment-to-customer", None)
