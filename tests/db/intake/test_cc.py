"""People in Cc take part in a ticket: they get staff's public answers, never the customer's words, and can stop."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SUPPORT, execute, guests, participants, query
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


def people(services: Services) -> set[str]:
    """The addresses of all "User" rows of customers."""
    return {row["email"] for row in query(services, "SELECT email FROM \"User\" WHERE role = 'customer'")}


def test_who_stands_in_cc_of_a_proven_request_is_a_guest_and_told_nothing_yet(services: Services) -> None:
    a_request(services)

    assert (participants(services), guests(services)) == ({ANN}, {DAN})
    assert mails_to(services, DAN) == []


@pytest.mark.parametrize("headers", [{"x_nothing": "1"}, FAILED])
def test_a_request_that_nobody_vouches_for_adds_nobody(services: Services, headers: dict[str, str]) -> None:
    a_request(services, **headers)

    # A refuted mail makes nobody a person, its sender neither.
    owner = {one for one in participants(services) if not one.startswith("unproven-")}
    assert owner == (set() if headers is FAILED else {ANN})
    assert guests(services) == set()


def test_the_desk_and_its_staff_in_cc_do_not_take_part(services: Services) -> None:
    a_request(services, cc=f"{SUPPORT}, {BOB}, {DAN}, {DAN}")

    assert (participants(services), guests(services)) == ({ANN}, {DAN})


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

    assert (participants(services), guests(services)) == ({ANN}, {DAN})
    # The mail itself went to Dan already, so the desk has not written to Dan, who is nobody's row for it.
    assert (mails_to(services, DAN), people(services)) == ([], {ANN})
    answer(services, last_mail(services, ANN), "When?", **PASSED)
    answer(services, last_mail(services, BOB, "comment-to-agent"), "On Tuesday.")
    assert (participants(services), guests(services)) == ({ANN, DAN}, set())


def test_a_guests_cc_adds_nobody(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    answer(services, last_mail(services, DAN), "I will be there.", cc="pal@customer.example", **PASSED)

    assert (participants(services), guests(services)) == ({ANN, DAN}, set())


def test_a_guest_who_answers_is_threaded_below_our_mail_and_their_own(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")
    first = last_mail(services, DAN)
    theirs = answer(services, first, "At what time?")

    bob_answers(services, "At nine.")

    got = sent_mail(services, last_mail(services, DAN))
    assert (got.in_reply_to, got.references[:1]) == ((theirs["message_id"],), (first["message_id"],))
    assert got.subject == "Re: [SD-1001] A request that you take part in"


def a_guest_writes(services: Services, text: str = "I have the other key.", **headers: str) -> Any:
    return write_mail(services, f"Dan Mendes <{DAN}>", text, subject="Re: [SD-1001] Our safe", **headers)


def test_who_was_only_added_makes_no_person_of_supportdesk(services: Services) -> None:
    a_request(services)
    answer(services, last_mail(services, ANN), "And bring the key.", cc="eva@customer.example", **PASSED)

    assert (people(services), guests(services)) == ({ANN}, {DAN, "eva@customer.example"})
    added_by = "SELECT DISTINCT u.email FROM mail.guest g JOIN mail.person p ON p.number = g.added_by"
    assert query(services, f'{added_by} JOIN "User" u ON u.id = p.user_id') == [{"email": ANN}]


def test_who_has_a_row_already_takes_part_at_once(services: Services) -> None:
    write_mail(services, DAN, "The lamp is broken.")

    a_request(services)

    assert (participants(services, 1002), guests(services)) == ({ANN, DAN}, set())


def test_a_guest_becomes_a_person_when_they_are_written_to(services: Services) -> None:
    a_request(services)

    bob_answers(services, "We send somebody on Monday.")

    assert (people(services), participants(services), guests(services)) == ({ANN, DAN}, {ANN, DAN}, set())
    row = query(services, 'SELECT name, "emailVerified" FROM "User" WHERE email = :dan', dan=DAN)
    assert row == [{"name": "Dan", "emailVerified": None}]


@pytest.mark.parametrize("internal", ["#note\nThey always lose the key.", "#resolve", "#priority high"])
def test_what_no_guest_is_told_makes_nobody_a_person(services: Services, internal: str) -> None:
    a_request(services)

    bob_answers(services, internal)

    assert (people(services), guests(services)) == ({ANN}, {DAN})


@pytest.mark.parametrize("headers", [{"x_nothing": "1"}, PASSED])
def test_a_guest_who_writes_first_is_a_participant_by_it(services: Services, headers: dict[str, str]) -> None:
    a_request(services)

    a_guest_writes(services, **headers)

    assert (participants(services), guests(services)) == ({ANN, DAN}, set())
    assert "I have the other key." in [row["content"] for row in query(services, 'SELECT content FROM "Comment"')]
    assert query(services, "SELECT count(*) AS tickets FROM mail.ticket") == [{"tickets": 1}]


def test_a_refuted_mail_under_a_guests_address_makes_nobody_a_person(services: Services) -> None:
    a_request(services)

    a_guest_writes(services, **FAILED)

    assert (people(services) & {DAN}, guests(services)) == (set(), {DAN})
    assert query(services, 'SELECT content FROM "Comment"') == []


def test_a_program_under_a_guests_address_makes_nobody_a_person(services: Services) -> None:
    a_request(services)

    a_guest_writes(services, auto_submitted="auto-replied")

    assert (people(services), guests(services)) == ({ANN}, {DAN})


def test_a_guest_who_writes_stop_first_is_never_written_to(services: Services) -> None:
    a_request(services)
    a_guest_writes(services, "#stop", **PASSED)
    before = len(mails_to(services, DAN))

    bob_answers(services, "We send somebody on Monday.")

    assert (participants(services), guests(services)) == ({ANN}, set())
    assert len(mails_to(services, DAN)) == before


def test_a_guest_who_signed_up_meanwhile_keeps_their_row(services: Services) -> None:
    a_request(services)
    signed_up = """INSERT INTO "User" (id, name, email, role, "createdAt", "updatedAt")
        VALUES ('dan', 'Daniel', 'Dan@Customer.example', 'customer', now(), now())"""
    execute(services, signed_up)

    bob_answers(services, "We send somebody on Monday.")

    assert query(services, 'SELECT name FROM "User" WHERE lower(email) = :dan', dan=DAN) == [{"name": "Daniel"}]
    assert len(mails_to(services, DAN)) == 1


def test_guests_and_participants_are_ten_together(services: Services) -> None:
    first = ", ".join(f"guest{number}@customer.example" for number in range(6))
    a_request(services, cc=first)
    bob_answers(services, "We send somebody on Monday.")
    more = ", ".join(f"later{number}@customer.example" for number in range(6))
    answer(services, last_mail(services, ANN), "For them too.", cc=more, **PASSED)
    answer(services, last_mail(services, ANN), "And for her.", cc="eva@customer.example", **PASSED)

    assert (len(participants(services)), len(guests(services))) == (7, 4)


def test_what_a_guest_is_told_again_goes_to_them_once(services: Services) -> None:
    a_request(services)
    bob_answers(services, "We send somebody on Monday.")

    bob_answers(services, "Or on Tuesday.")

    assert len(mails_to(services, DAN)) == 2


def test_guests_of_a_merged_ticket_are_told_of_the_other(services: Services) -> None:
    a_request(services)
    bob = last_mail(services, BOB, "ticket-assigned")
    write_mail(services, f"Ann <{ANN}>", "The safe again.", subject="Safe", **PASSED)
    answer(services, bob, "#merge SD-1002")

    answer(services, last_mail(services, BOB, "ticket-assigned"), "We send somebody on Monday.")

    assert (participants(services, 1002), guests(services)) == ({ANN, DAN}, set())
    assert "We send somebody on Monday." in last_mail(services, DAN)["text"]


def test_a_mail_that_a_guest_would_get_to_see_is_bound_by_no_name(services: Services) -> None:
    """A guest counts among those to whom a name would show a mail, as a participant does."""
    late = "<late@customer.example>"
    a_request(services, references=late, **PASSED)

    write_mail(services, f"Ann <{ANN}>", "This is for you alone.", subject="Private", message_id=late, **PASSED)

    assert query(services, "SELECT count(*) AS tickets FROM mail.ticket") == [{"tickets": 2}]
