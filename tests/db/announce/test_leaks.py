"""No mail shows one person what was given to another: signed addresses, and lines of internal notes."""

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from itertools import count
from typing import Any

import pytest

from models.outbox.delivery import read_outbox_mail
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, make_staff, process, query
from worker.announce.run import announce_due
from worker.deliver.compose import ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
SECRET = "This customer has not paid since March."
NUMBERS = count(1)
# Ann has a ticket, which Bob works on; each of them got a mail of it.
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def last(services: Services, recipient: str) -> dict[str, Any]:
    """The last mail to somebody."""
    return query(services, "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1", to=recipient)[0]


def sent_to(services: Services, recipient: str) -> bytes:
    """The last mail to somebody as it goes over the wire."""
    with transaction(services.engine) as session:
        return ready_mail(session, services, read_outbox_mail(session, last(services, recipient)["id"])).message


def notes(services: Services) -> list[str]:
    return [str(row["text"]) for row in query(services, "SELECT text FROM mail.note ORDER BY id")]


def keep_note(services: Services, text: str = SECRET, author: str | None = BOB) -> None:
    """An internal note that was written a moment ago."""
    execute(
        services,
        """INSERT INTO mail.note (ticket_number, person_number, text, reason, written_at)
        VALUES (1001, (SELECT p.number FROM mail.person p JOIN "User" u ON u.id = p.user_id WHERE u.email = :author),
            :text, 'A test.', now())""",
        text=text,
        author=author,
    )


def comment(services: Services, text: str, author: str = BOB) -> None:
    """Somebody writes a comment in the web application."""
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT :id, :text, t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
        FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = :author""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
        id=f"comment {next(NUMBERS)}",
        text=text,
        author=author,
    )
    announce_due(services)


def answer(services: Services, filename: str, content: bytes) -> dict[str, Any]:
    """Bob answers by mail with a file; what became of the mail to Ann."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = BOB, last(services, BOB)["reply_to"], "Re: Printer"
    mail["Message-ID"] = f"<answer {next(NUMBERS)}@desk>"
    mail.set_content("See the file.")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    process(services, mail.as_bytes())
    return last(services, ANN)


def wrapped(content: bytes) -> bytes:
    """A mail within a mail, encoded."""
    outer = MIMEMultipart()
    outer["From"], outer["Subject"] = "x@y.example", "Look"
    part = MIMEText(content.decode(), "plain", "utf-8")
    part.add_header("Content-Disposition", "attachment", filename="inner.eml")
    outer.attach(part)
    return outer.as_bytes()


def test_a_line_of_a_note_does_not_reach_the_customer(services: Services) -> None:
    keep_note(services)

    comment(services, f"Dear Ann,\n> {SECRET}\nWe are on it.")

    found = last(services, ANN)
    assert (found["template"], found["fate"]) == ("comment-to-customer", "held")
    assert "a line of an internal note of the ticket" in found["reason"]


def test_the_author_of_a_held_mail_is_told_on_the_ticket(services: Services) -> None:
    keep_note(services)

    comment(services, SECRET)
    announce_due(services)

    assert "did not reach ann@customer.example" in notes(services)[-1]
    assert (last(services, BOB)["template"], last(services, BOB)["fate"]) == ("note-to-agent", None)
    assert "a line of an internal note" in " ".join(last(services, BOB)["text"].split())


def test_a_note_may_be_written_to_staff(services: Services) -> None:
    keep_note(services)

    comment(services, SECRET, "ada@desk.example")

    found = query(services, "SELECT recipient, fate FROM mail.outbox WHERE template = 'comment-to-agent'")
    assert found == [{"recipient": BOB, "fate": None}]


def test_a_note_that_quotes_what_all_could_read_gives_nothing_away(services: Services) -> None:
    comment(services, "Please turn it off and on again.")
    keep_note(services, f"I told them:\n> Please turn it off and on again.\n\n{last(services, ANN)['text']}")

    comment(services, "Please turn it off and on again.")

    assert last(services, ANN)["fate"] is None


def test_what_somebody_wrote_themselves_is_no_secret_from_them(services: Services) -> None:
    keep_note(services, "My printer burns since Tuesday.", ANN)

    comment(services, "> My printer burns since Tuesday.\nSince when?")

    assert last(services, ANN)["fate"] is None


COMMON = "Thank you for contacting our support team."
# Who left a note of common words, and by what mail: a stranger, a customer, a server, a robot in an agent's name.
NOT_OF_STAFF = [
    (None, "only_a_note"),
    (ANN, "only_a_note"),
    (None, "bounced_mail"),
    (BOB, "automatic_mail"),
    (None, None),
]


@pytest.mark.parametrize(("author", "rule"), NOT_OF_STAFF)
def test_a_note_that_is_not_of_staff_vetoes_no_answer(services: Services, author: str | None, rule: str | None) -> None:
    process(services, a_raw_mail(message_id="<2@x>", **{"from": "dan@other.example"}))
    keep_note(services, COMMON, author)
    by_mail(services, rule)

    comment(services, f"We are on it.\n{COMMON}")

    assert (last(services, ANN)["template"], last(services, ANN)["fate"]) == ("comment-to-customer", None)


@pytest.mark.parametrize("rule", ["staff_on_ticket", "passed_on"])
def test_a_note_stays_secret_when_its_author_is_staff_no_longer(services: Services, rule: str) -> None:
    keep_note(services)
    by_mail(services, rule)
    execute(services, "DELETE FROM mail.staff WHERE email = :bob", bob=BOB)

    comment(services, SECRET, "ada@desk.example")

    assert (last(services, ANN)["template"], last(services, ANN)["fate"]) == ("comment-to-customer", "held")


def by_mail(services: Services, rule: str | None) -> None:
    """The note came with a mail that was decided by this rule; with none where that is None."""
    if rule:
        execute(
            services,
            "UPDATE mail.ledger SET evidence = jsonb_build_object('rule', CAST(:rule AS text)) WHERE id = 1",
            "UPDATE mail.note SET ledger_id = 1",
            rule=rule,
        )


def test_a_note_that_was_accepted_is_no_secret(services: Services) -> None:
    keep_note(services, author=None)
    execute(services, "UPDATE mail.note SET accepted_at = now()")

    comment(services, SECRET)

    assert last(services, ANN)["fate"] is None


def test_the_note_of_another_ticket_is_no_note_of_this_one(services: Services) -> None:
    process(services, a_raw_mail(message_id="<2@x>", **{"from": "dan@customer.example"}))
    keep_note(services)
    execute(services, "UPDATE mail.note SET ticket_number = 1002")

    comment(services, SECRET)

    assert last(services, ANN)["fate"] is None


@pytest.mark.parametrize("column", ["reply_to", "message_id"])
def test_a_right_of_an_agent_does_not_reach_the_customer(services: Services, column: str) -> None:
    right = last(services, BOB)[column]

    comment(services, f"You can reach me at {right} as well.")

    assert last(services, ANN)["fate"] == "held"
    assert "signed address of somebody else" in last(services, ANN)["reason"]
    assert "did not reach ann@customer.example" in notes(services)[-1]


def test_a_right_of_another_customer_does_not_reach_a_customer(services: Services) -> None:
    process(services, a_raw_mail(message_id="<2@x>", **{"from": "dan@other.example"}))
    right = last(services, "dan@other.example")["reply_to"]

    comment(services, f"Write to {right}.")

    assert (last(services, ANN)["template"], last(services, ANN)["fate"]) == ("comment-to-customer", "held")


def test_a_customers_own_rights_may_come_back_to_them(services: Services) -> None:
    right = last(services, ANN)["reply_to"]

    comment(services, f"On Monday, {right} wrote:\n> My printer is broken.")

    assert last(services, ANN)["fate"] is None


def test_what_a_customer_quotes_of_our_mail_reaches_the_agent(services: Services) -> None:
    own = last(services, ANN)

    comment(services, f"On Monday, {own['reply_to']} wrote:\n{own['text']}", ANN)

    assert (last(services, BOB)["template"], last(services, BOB)["fate"]) == ("comment-to-agent", None)


def test_a_right_of_an_agent_reaches_no_other_agent(services: Services) -> None:
    right = last(services, BOB)["reply_to"]
    make_staff(services, "cat@desk.example")
    execute(
        services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = 'cat@desk.example')"""
    )

    comment(services, f"Write to {right}.", ANN)

    assert last(services, "cat@desk.example")["fate"] == "held"


DEAD = {
    "expired": "UPDATE mail.outbox SET token_expires_at = now() - interval '1 second' WHERE recipient = :bob",
    "seen by others": "UPDATE mail.outbox SET spent_at = now() WHERE recipient = :bob",
    "of another key": "UPDATE mail.outbox SET mailbox = 'other' WHERE recipient = :bob",
}


@pytest.mark.parametrize("why", DEAD)
def test_a_right_that_is_dead_gives_nothing_away(services: Services, why: str) -> None:
    right = last(services, BOB)["reply_to"]
    execute(services, DEAD[why], bob=BOB)

    comment(services, f"You can reach me at {right} as well.")

    assert last(services, ANN)["fate"] is None


@pytest.mark.parametrize("filename", ["mail.eml", "mail.txt"])
@pytest.mark.parametrize("deep", [0, 1])
def test_an_attached_mail_to_an_agent_does_not_reach_the_customer(services: Services, filename: str, deep: int) -> None:
    content = sent_to(services, BOB)
    for _ in range(deep):
        content = wrapped(content)

    found = answer(services, filename, content)

    assert (found["template"], found["fate"]) == ("comment-to-customer", "held")
    assert f"file “{filename}” holds a signed address" in found["reason"]


def test_a_note_in_an_attached_mail_does_not_reach_the_customer(services: Services) -> None:
    keep_note(services)

    found = answer(services, "note.eml", wrapped(a_raw_mail(SECRET)))

    assert found["fate"] == "held"
    assert "file “note.eml” holds a line of an internal note" in found["reason"]


def test_a_file_without_anything_of_ours_goes(services: Services) -> None:
    keep_note(services)

    found = answer(services, "picture.png", b"\x89PNG\r\n\0\0" + bytes(range(256)) * 100)

    assert (found["template"], found["fate"]) == ("comment-to-customer", None)
