"""People in Cc take part in a ticket: they get staff's public answers, never the customer's words, and can stop."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, participants, query
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.runtime.services import Services

ANN, BOB, DAN = "ann@customer.example", "bob@desk.example", "dan@customer.example"
PASSED = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
FAILED = {"authentication_results": "mx.desk.example; dmarc=fail header.from=customer.example"}
SECRET = "The safe's number is 4711."
pytestmark = pytest.mark.services(ADMIN, AGENT, AUTHSERV_ID="mx.desk.example")


def a_request(services: Services, cc: str = f"Dan <{DAN}>", **headers: str) -> Any:
    """Ann's first mail with others in Cc; without headers her mail server vouches for it."""
    return write_mail(services, f"Ann <{ANN}>", SECRET, subject="Our safe", cc=cc, **(headers or PASSED))


def bob_answers(services: Services, text: str, **headers: str) -> Any:
    return answer(services, last_mail(services, BOB, "ticket-assigned"), text, **headers)


def test_who_stands_in_cc_of_a_proven_request_takes_part_and_is_told_nothing_yet(services: Services) -> None:
    a_request(services)

    assert participants(services) == {ANN, DAN}
    assert mails_to(services, DAN) == []


@pytest.mark.parametrize("headers", [{"x_nothing": "1"}, FAILED])
def test_a_request_that_nobody_vouches_for_adds_nobody(services: Services, headers: dict[str, str]) -> None:
    a_request(services, **headers)

    # A refuted mail makes nobody a person, its sender neither.
    owner = {one for one in participants(services) if not one.startswith("unproven-")}
    assert owner == (set() if headers is FAILED else {ANN})


def test_the_desk_and_its_staff_in_cc_do_not_take_part(services: Services) -> None:
    a_request(services, cc=f"{SUPPORT}, {BOB}, {DAN}, {DAN}")

    assert participants(services) == {ANN, DAN}


def test_a_guest_gets_staffs_public_answer_and_not_a_word_of_the_customer(services: Services) -> None:
    a_request(services)

    bob_answers(services, "We send somebody on Monday.")

    got = sent_mail(services, last_mail(services, DAN))
    assert "We send somebody on Monday." in got.text
    assert got.subject == "[SD-1001] A request that you take part in"
    assert [(one.name, one.email) for one in got.to] == [("", DAN)]
    whole = f"{last_mail(services, DAN)['text']}{last_mail(services, DAN)['html']}"
    assert not any(word in whole for word in ("4711", "Our safe", "Ann", ANN))


def test_a_guest_is_told_why_and_how_to_stop(services: Services) -> None:
    a_request(services)

    bob_answers(services, "We send somebody on Monday.")

    text = " ".join(last_mail(services, DAN)["text"].split())
    assert "because you take part in somebody's request" in text
    assert "answer with #stop on a line of its own" in text


def test_the_customer_gets_the_same_answer_with_their_own_words(services: Services) -> None:
    a_request(services)

    bob_answers(services, "We send somebody on Monday.")

    assert last_mail(services, ANN)["subject"] == "Re: [SD-1001] Our safe"


def test_a_guest_gets_nothing_of_what_the_customer_writes_later(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    answer(services, last_mail(services, ANN), "Not on Monday, please.")

    assert len(mails_to(services, DAN)) == 1


def test_a_status_is_told_to_the_owner_only(services: Services) -> None:
    a_request(services)

    bob_answers(services, "#resolve")

    assert (mails_to(services, DAN), last_mail(services, ANN)["template"]) == ([], "status-resolved")


def test_a_note_is_told_to_no_guest(services: Services) -> None:
    a_request(services)

    bob_answers(services, "#note\nThey always lose the key.")

    assert mails_to(services, DAN) == []


def test_a_guest_may_comment(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    answer(services, last_mail(services, DAN), "I will be there.")

    assert "I will be there." in [row["content"] for row in query(services, 'SELECT content FROM "Comment"')]
    assert "| I will be there." in last_mail(services, BOB, "comment-to-agent")["text"]
    assert "I will be there." not in "".join(mail["text"] for mail in mails_to(services, ANN))


def test_a_guest_cannot_close_the_request_and_is_told_so(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    answer(services, last_mail(services, DAN), "#close")

    told = last_mail(services, DAN, "command-answer")
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "in_progress"}]
    assert "Refused: #close" in told["text"]
    assert "Our safe" not in f"{told['subject']}{told['text']}{told['html']}"


def test_who_stops_gets_no_more_answers(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")
    answer(services, last_mail(services, DAN), "#stop")
    before = len(mails_to(services, DAN))

    bob_answers(services, "Or on Tuesday.")

    assert participants(services) == {ANN}
    assert len(mails_to(services, DAN)) == before
    assert "Done:    #stop" in last_mail(services, DAN)["text"]


def test_the_customer_cannot_stop_their_own_request(services: Services) -> None:
    a_request(services)

    answer(services, last_mail(services, ANN), "#stop")

    assert ANN in {
        row["email"] for row in query(services, 'SELECT email FROM "User" u JOIN "Ticket" ON u.id = "createdById"')
    }
    assert "#close to end it" in last_mail(services, ANN, "command-answer")["text"]


def test_staff_add_people_by_cc_who_get_later_answers(services: Services) -> None:
    a_request(services, cc="")
    bob_answers(
        services,
        "Dan looks after safes.",
        cc=DAN,
        authentication_results="mx.desk.example; dmarc=pass header.from=desk.example",
    )

    assert participants(services) == {ANN, DAN}
    # The mail itself went to Dan already.
    assert mails_to(services, DAN) == []


def test_a_guests_cc_adds_nobody(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    answer(services, last_mail(services, DAN), "I will be there.", cc="pal@customer.example", **PASSED)

    assert participants(services) == {ANN, DAN}


def test_a_guest_who_answers_is_threaded_below_our_mail_and_their_own(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")
    first = last_mail(services, DAN)
    theirs = answer(services, first, "At what time?")

    bob_answers(services, "At nine.")

    got = sent_mail(services, last_mail(services, DAN))
    assert (got.in_reply_to, got.references[:1]) == ((theirs["message_id"],), (first["message_id"],))
    assert got.subject == "Re: [SD-1001] A request that you take part in"
