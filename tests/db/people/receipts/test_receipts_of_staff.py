"""What staff are told of a mail that was carried out: that it was, and a live address where theirs is spent."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, SUPPORT, a_raw_mail, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.runtime.services import Services

ANN, BOB, EVE = "ann@customer.example", "bob@desk.example", "eve@elsewhere.example"
PASS = {"authentication_results": "mx; dmarc=pass header.from=desk.example"}
TAGGED = "Re: [SD-1001] Printer"
BOTH = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
TOKEN = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), TRUST__STAFF="token")
pytestmark = BOTH


def said(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt", id')]


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def told(services: Services, who: str = BOB) -> list[str]:
    """The templates of all mails to somebody about mails of theirs."""
    news = {"ticket-assigned", "comment-to-agent", "note-to-agent"}
    return [mail["template"] for mail in mails_to(services, who) if mail["template"] not in news]


def assigned(services: Services) -> dict[str, Any]:
    return last_mail(services, BOB, "ticket-assigned")


@pytest.mark.parametrize("_", [pytest.param("both", marks=BOTH), pytest.param("token", marks=TOKEN)])
def test_an_answer_that_shows_its_address_to_others_gets_a_new_one_at_once(services: Services, _: str) -> None:
    first = answer(services, assigned(services), "Try this.", cc=EVE, **PASS)

    fresh = last_mail(services, BOB)
    second = answer(services, fresh, "And this.", **PASS)

    assert (first["fate"], second["fate"], said(services)) == ("applied", "applied", ["Try this.", "And this."])
    assert (fresh["template"], fresh["kind"], fresh["in_reply_to"]) == ("mail-done", "public", first["message_id"])
    assert f"- {EVE}" in fresh["text"]
    assert "Next time, answer this mail" in words_of(fresh)
    assert EVE in fresh["html"]
    assert told(services) == ["mail-done"]


def test_so_does_a_note_and_what_answers_that_stays_internal(services: Services) -> None:
    answer(services, assigned(services), "#note\nAsk Cat.", cc=EVE, **PASS)

    fresh = last_mail(services, BOB)
    answer(services, fresh, "Cat is away.", **PASS)

    assert (fresh["template"], fresh["kind"], said(services)) == ("command-answer", "note", [])
    assert "Next time, answer this mail" in words_of(fresh)
    notes = query(services, "SELECT text FROM mail.note ORDER BY id")
    assert [row["text"] for row in notes] == ["Ask Cat.", "Cat is away."]


def test_commands_beside_it_are_answered_in_the_same_mail(services: Services) -> None:
    answer(services, assigned(services), "Hello Ann, try this.\n\n#priority high", cc=EVE, **PASS)

    fresh = last_mail(services, BOB)

    assert (told(services), fresh["kind"]) == (["mail-done"], "public")
    assert "Done: #priority high" in words_of(fresh)
    assert "Done: Your mail It went out as your answer." in words_of(fresh)


def test_one_that_has_to_be_mended_gets_a_new_address_too(services: Services) -> None:
    held = answer(services, assigned(services), "#reslove", cc=EVE, **PASS)

    fresh = last_mail(services, BOB)
    mended = answer(services, fresh, "#resolve", **PASS)

    assert (held["fate"], mended["fate"]) == ("not_applied", "applied")
    assert (fresh["template"], "Refused: Your mail" in words_of(fresh)) == ("mail-done", True)


def test_a_copy_to_the_desk_itself_shows_the_address_to_nobody(services: Services) -> None:
    answer(services, assigned(services), "Try this.", cc=SUPPORT, **PASS)

    assert told(services) == []


def test_an_answer_with_a_spent_address_brings_a_new_one_once_it_is_confirmed(services: Services) -> None:
    key = assigned(services)
    answer(services, key, "Try this.", cc=EVE, **PASS)
    held = answer(services, key, "And this.", **PASS)

    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)
    fresh = last_mail(services, BOB)
    answer(services, fresh, "And that.", **PASS)

    assert (held["fate"], said(services)) == ("not_applied", ["Try this.", "And this.", "And that."])
    assert (fresh["template"], "Others have seen the address" in words_of(fresh)) == ("mail-done", True)


CONFIRMED = [
    ("An answer.", TAGGED, "mail-done", "It went out as your answer."),
    ("#note\nFor us.", TAGGED, "command-answer", "What you wrote stays internal"),
    ("#close", TAGGED, "command-answer", "Done: #close"),
    ("My own printer is broken.", "Printer of Bob", "mail-done", "It opened this ticket."),
]


@pytest.mark.parametrize(("text", "subject", "template", "words"), CONFIRMED)
def test_a_confirmed_mail_is_answered_once_it_is_carried_out(
    services: Services, text: str, subject: str, template: str, words: str
) -> None:
    write_mail(services, BOB, text, subject=subject)

    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm", **PASS)

    found = last_mail(services, BOB)
    assert (found["template"], words in words_of(found)) == (template, True)


@pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), AUTHSERV_ID="mx", TRUST__STAFF="both")
def test_who_passes_a_mail_on_is_told_of_the_ticket_unless_it_is_theirs(services: Services) -> None:
    passed = f"See below.\n\n---------- Forwarded message ---------\nFrom: {EVE}\nSubject: Q{{}}\n\nHow?\n"

    for number in range(3):
        write_mail(services, BOB, passed.format(number), subject=f"Fwd: Q{number}", **PASS)

    found = mails_to(services, BOB)
    owners = query(services, 'SELECT u.email FROM "Ticket" t JOIN "User" u ON u.id = t."assignedToId" ORDER BY t.id')
    opened = [mail for mail in found if mail["ticket_number"] in {1002, 1003, 1004}]
    assert len(owners) == 4
    assert sorted(mail["ticket_number"] for mail in opened) == [1002, 1003, 1004]
    done = [mail for mail in opened if mail["template"] == "mail-done"]
    assert {mail["template"] for mail in opened} == {"mail-done", "ticket-assigned"}
    assert all(f"It opened this ticket for {EVE}" in words_of(mail) for mail in done)


def test_a_plain_answer_needs_no_receipt(services: Services) -> None:
    answer(services, assigned(services), "Try this.", **PASS)

    assert told(services) == []
