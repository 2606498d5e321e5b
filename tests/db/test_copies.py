"""People in Cc take part in a ticket: they get staff's public answers, never the customer's words, and can stop."""

from collections.abc import Iterator
from typing import Any

import pytest

from desk.ticket import Role
from tests.answers import answer, as_sent, last_to, mails_to, write
from tests.offices import SUPPORT, an_office, hire, rows
from worker.office import Office

ANN, BOB, DAN = "ann@customer.example", "bob@desk.example", "dan@customer.example"
PASSED = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
FAILED = {"authentication_results": "mx.desk.example; dmarc=fail header.from=customer.example"}
SECRET = "The safe's number is 4711."


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    office = an_office(fresh_database, MAILBOX__SUPPORT__AUTHSERV_ID="mx.desk.example")
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, BOB)
    yield office
    office.engine.dispose()


def a_request(office: Office, cc: str = f"Dan <{DAN}>", **headers: str) -> Any:
    """Ann's first mail with others in Cc; without headers her mail server vouches for it."""
    return write(office, f"Ann <{ANN}>", SECRET, subject="Our safe", cc=cc, **(headers or PASSED))


def bob_answers(office: Office, text: str, **headers: str) -> Any:
    return answer(office, last_to(office, BOB, "ticket-assigned"), text, **headers)


def participants(office: Office) -> set[str]:
    found = rows(
        office,
        'SELECT email FROM mail.participant p JOIN mail.person n ON n.number = p.person_number JOIN "User" u '
        "ON u.id = n.user_id",
    )
    return {row["email"] for row in found}


def test_who_stands_in_cc_of_a_proven_request_takes_part_and_is_told_nothing_yet(office: Office) -> None:
    a_request(office)

    assert participants(office) == {ANN, DAN}
    assert mails_to(office, DAN) == []


@pytest.mark.parametrize("headers", [{"x_nothing": "1"}, FAILED])
def test_a_request_that_nobody_vouches_for_adds_nobody(office: Office, headers: dict[str, str]) -> None:
    a_request(office, **headers)

    assert participants(office) == {ANN}


def test_the_desk_and_its_staff_in_cc_do_not_take_part(office: Office) -> None:
    a_request(office, cc=f"{SUPPORT}, {BOB}, {DAN}, {DAN}")

    assert participants(office) == {ANN, DAN}


def test_a_guest_gets_staffs_public_answer_and_not_a_word_of_the_customer(office: Office) -> None:
    a_request(office)

    bob_answers(office, "We send somebody on Monday.")

    got = as_sent(office, last_to(office, DAN))
    assert "We send somebody on Monday." in got.text
    assert got.subject == "[SD-1001] A request that you take part in"
    assert [(one.name, one.email) for one in got.to] == [("", DAN)]
    whole = f"{last_to(office, DAN)['text']}{last_to(office, DAN)['html']}"
    assert not any(word in whole for word in ("4711", "Our safe", "Ann", ANN))


def test_a_guest_is_told_why_and_how_to_stop(office: Office) -> None:
    a_request(office)

    bob_answers(office, "We send somebody on Monday.")

    text = " ".join(last_to(office, DAN)["text"].split())
    assert "because you take part in somebody's request" in text
    assert "answer with #stop on a line of its own" in text


def test_the_customer_gets_the_same_answer_with_their_own_words(office: Office) -> None:
    a_request(office)

    bob_answers(office, "We send somebody on Monday.")

    assert last_to(office, ANN)["subject"] == "Re: [SD-1001] Our safe"


def test_a_guest_gets_nothing_of_what_the_customer_writes_later(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")

    answer(office, last_to(office, ANN), "Not on Monday, please.")

    assert len(mails_to(office, DAN)) == 1


def test_a_status_is_told_to_the_owner_only(office: Office) -> None:
    a_request(office)

    bob_answers(office, "#resolve")

    assert (mails_to(office, DAN), last_to(office, ANN)["template"]) == ([], "status-resolved")


def test_a_note_is_told_to_no_guest(office: Office) -> None:
    a_request(office)

    bob_answers(office, "#note\nThey always lose the key.")

    assert mails_to(office, DAN) == []


def test_a_guest_may_comment(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")

    answer(office, last_to(office, DAN), "I will be there.")

    assert "I will be there." in [row["content"] for row in rows(office, 'SELECT content FROM "Comment"')]
    assert "| I will be there." in last_to(office, BOB, "comment-to-agent")["text"]
    assert "I will be there." not in "".join(mail["text"] for mail in mails_to(office, ANN))


def test_a_guest_cannot_close_the_request_and_is_told_so(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")

    answer(office, last_to(office, DAN), "#close")

    told = last_to(office, DAN, "command-answer")
    assert rows(office, 'SELECT status::text FROM "Ticket"') == [{"status": "in_progress"}]
    assert "Refused: #close" in told["text"]
    assert "Our safe" not in f"{told['subject']}{told['text']}{told['html']}"


def test_who_stops_gets_no_more_answers(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")
    answer(office, last_to(office, DAN), "#stop")
    before = len(mails_to(office, DAN))

    bob_answers(office, "Or on Tuesday.")

    assert participants(office) == {ANN}
    assert len(mails_to(office, DAN)) == before
    assert "Done:    #stop" in last_to(office, DAN)["text"]


def test_the_customer_cannot_stop_their_own_request(office: Office) -> None:
    a_request(office)

    answer(office, last_to(office, ANN), "#stop")

    assert ANN in {
        row["email"] for row in rows(office, 'SELECT email FROM "User" u JOIN "Ticket" ON u.id = "createdById"')
    }
    assert "#close to end it" in last_to(office, ANN, "command-answer")["text"]


def test_staff_add_people_by_cc_who_get_later_answers(office: Office) -> None:
    a_request(office, cc="")
    bob_answers(
        office,
        "Dan looks after safes.",
        cc=DAN,
        authentication_results="mx.desk.example; dmarc=pass header.from=desk.example",
    )

    assert participants(office) == {ANN, DAN}
    # The mail itself went to Dan already.
    assert mails_to(office, DAN) == []


def test_a_guests_cc_adds_nobody(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")

    answer(office, last_to(office, DAN), "I will be there.", cc="pal@customer.example", **PASSED)

    assert participants(office) == {ANN, DAN}


def test_a_guest_who_answers_is_threaded_below_our_mail_and_their_own(office: Office) -> None:
    a_request(office)
    bob_answers(office, "We send somebody on Monday.")
    first = last_to(office, DAN)
    theirs = answer(office, first, "At what time?")

    bob_answers(office, "At nine.")

    got = as_sent(office, last_to(office, DAN))
    assert (got.in_reply_to, got.references[:1]) == ((theirs["message_id"],), (first["message_id"],))
    assert got.subject == "Re: [SD-1001] A request that you take part in"
