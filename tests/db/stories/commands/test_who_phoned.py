"""`#for` and `#tell`: a ticket for who phoned, who is told nothing of it before staff say so."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, execute, query
from tests.support.values.readings import asked
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.announce.run import announce_due
from worker.runtime.services import Services

DORA, BOB, ADA = "dora@acme.example", "bob@desk.example", "ada@desk.example"
PHONED = f"#for Dora Day <{DORA}>\n\nHer printer smells of fish.\nShe is there until five."
TICKETS = """SELECT t.title, t.description, u.email, u.name, t.status::text FROM "Ticket" t
JOIN "User" u ON u.id = t."createdById" ORDER BY t."createdAt" """
pytestmark = pytest.mark.services(ADMIN, AGENT)


def phoned(services: Services, text: str = PHONED, subject: str = "A call") -> dict[str, Any]:
    """Bob's confirmed mail to the desk; what he is told of it."""
    write_mail(services, BOB, text, subject=subject)
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm")
    return last_mail(services, BOB)


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def test_a_ticket_is_opened_for_who_phoned_who_is_told_nothing(services: Services) -> None:
    told = phoned(services)

    assert query(services, TICKETS) == [
        {
            "title": "A call",
            "description": "Her printer smells of fish.\nShe is there until five.",
            "email": DORA,
            "name": "Dora Day",
            "status": "open",
        }
    ]
    assert told["template"] == "ticket-assigned"
    assert "Its customer was told nothing of it yet; #tell sends them its number and text." in words_of(told)
    assert mails_to(services, DORA) == []


def test_before_tell_no_answer_and_no_status_goes_to_them_and_the_answer_says_what_to_write(services: Services) -> None:
    told = phoned(services)

    assert answer(services, told, "Hello Dora, open a window.")["fate"] == "not_applied"
    assert "Write #tell in a mail of its own first" in words_of(last_mail(services, BOB))
    assert answer(services, told, "#tell\n\nHello Dora, open a window.")["fate"] == "not_applied"
    answer(services, told, "#resolve")
    answer(services, told, "#note\nShe sounded angry.")
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c1', 'From the web.', t.id, u.id, now(), now() FROM "Ticket" t, "User" u WHERE u.email = :bob""",
        "UPDATE mail.event SET due_at = now()",
        bob=BOB,
    )
    announce_due(services)

    assert mails_to(services, DORA) == []
    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == ["She sounded angry."]


def test_tell_sends_the_number_and_the_text_and_answers_go_out_from_then_on(services: Services) -> None:
    told = phoned(services)

    answer(services, told, "#tell")
    mail = last_mail(services, DORA)
    assert (mail["template"], mail["fate"], mail["reason"]) == ("ticket-opened", None, None)
    assert "Request SD-1001 was opened for you." in words_of(mail)
    assert "This is what we wrote down: | Her printer smells of fish. | She is there until five." in words_of(mail)
    assert f"{DORA} gets a mail with the number of the ticket" in words_of(last_mail(services, BOB))

    answer(services, told, "Hello Dora, open a window.")
    assert "open a window" in last_mail(services, DORA)["text"]
    answer(services, told, "#tell")
    assert f"{DORA} knows of this ticket already." in words_of(last_mail(services, BOB))
    answer(services, last_mail(services, DORA), "It is open.")
    assert "It is open." in last_mail(services, BOB, "comment-to-agent")["text"]


def test_who_writes_of_it_by_themselves_counts_as_told(services: Services) -> None:
    told = phoned(services)

    write_mail(services, f"Dora <{DORA}>", "I phoned you of it.", subject="[SD-1001] My printer")

    assert query(services, "SELECT * FROM mail.untold") == []
    assert answer(services, told, "Hello Dora, open a window.")["fate"] == "applied"
    assert "open a window" in last_mail(services, DORA)["text"]


HELD = [
    ("#for dora\n\nWords.", "Write #for and the address of who phoned"),
    (f"#for {DORA} {BOB}\n\nWords.", "Write #for and the address of who phoned"),
    ("#for support@desk.example\n\nWords.", "that is an address of this desk"),
    ("#for ada@desk.example\n\nWords.", "they are one of the people of the desk."),
    (f"#for {DORA}", "Write below #for what they said"),
    (f"#for {DORA}\n#for kofi@ledger.example\n\nWords.", "opens one ticket and takes no other command"),
    (f"#for {DORA}\n#priority high\n\nWords.", "opens one ticket and takes no other command"),
    (f"#for {DORA}\n\nWords.\n#close\nMore words.", "#close"),
]


@pytest.mark.parametrize(("text", "sentence"), HELD)
def test_what_opens_no_ticket_is_answered_with_what_to_write(services: Services, text: str, sentence: str) -> None:
    assert sentence in words_of(phoned(services, text))
    assert query(services, TICKETS) == []


def test_who_opens_it_for_a_colleague_is_told_how_to_tell(services: Services) -> None:
    write_mail(services, ADA, PHONED, subject="A call")
    answer(services, last_mail(services, ADA, "mail-unconfirmed"), "#confirm")

    told = last_mail(services, ADA)
    assert f"It opened this ticket for {DORA}, who is told nothing before you write #tell" in words_of(told)
    answer(services, told, "#tell")
    assert "was opened for you" in words_of(last_mail(services, DORA))


def test_on_a_ticket_it_opens_none_and_its_words_go_to_nobody(services: Services) -> None:
    write_mail(services, "Ann <ann@customer.example>", "My printer is broken.", subject="Printer")

    fate = answer(services, last_mail(services, BOB, "ticket-assigned"), PHONED)["fate"]

    assert (fate, len(query(services, TICKETS))) == ("not_applied", 1)
    assert "write it in a mail of its own to the address of the desk." in words_of(last_mail(services, BOB))


def test_a_stranger_opens_a_ticket_for_nobody_but_themselves(services: Services) -> None:
    write_mail(services, "eve@elsewhere.example", PHONED, subject="A call")

    assert [row["email"] for row in query(services, TICKETS)] == ["eve@elsewhere.example"]


@pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx")
def test_before_tell_it_is_in_no_list_of_theirs_and_is_not_shown_to_them(services: Services) -> None:
    told = phoned(services)
    missing = words_of(asked(services, DORA, "#show 1001"))

    assert "There is no such request" in words_of(asked(services, DORA, "#list"))
    assert missing.replace("1001", "1") == words_of(asked(services, DORA, "#show 1"))
    assert "smells of fish" in words_of(asked(services, BOB, "#show 1001"))

    answer(services, told, "#tell")

    assert "SD-1001 A call" in words_of(asked(services, DORA, "#list"))
    assert "smells of fish" in words_of(asked(services, DORA, "#show 1001"))
