"""Whatever waits for a person's word stands in one list that can be confirmed line by line, and never shifts."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.runtime.services import Services

BOB, ADA = "bob@desk.example", "ada@desk.example"
TAGGED = "Re: [SD-1001] Printer"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
FAIL = {"authentication_results": "mx.desk.example; dmarc=fail header.from=desk.example"}
NONE = {"x_nothing": "1"}
SENT_LONG_AGO = "UPDATE mail.outbox SET fate = 'sent', sent_at = now() - interval '2 hours' WHERE fate IS NULL"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx.desk.example", TRUST__STAFF="both")


def held(services: Services, text: str, headers: dict[str, str] = PASS, sender: str = BOB) -> int:
    """The ledger row of a mail under Bob's address that waits; his mail server vouches for it, or as given."""
    row = write_mail(services, sender, text, subject=TAGGED, **headers)
    assert row["fate"] == "not_applied"
    return int(row["id"])


def questions(services: Services, recipient: str = BOB) -> list[dict[str, Any]]:
    return mails_to(services, recipient, "mail-unconfirmed")


def confirm(services: Services, question: dict[str, Any], words: str = "#confirm", **headers: str) -> str:
    """The fate of an answer to a question."""
    return str(answer(services, question, words, **(headers or PASS))["fate"])


def said(services: Services) -> list[str]:
    return sorted(row["content"] for row in query(services, 'SELECT content FROM "Comment"'))


def words_of(mail: dict[str, Any]) -> str:
    return " ".join(str(mail["text"]).split())


def test_a_further_held_mail_renews_the_list_at_once_in_the_same_thread(services: Services) -> None:
    held(services, "The first.")
    held(services, "The second.")

    first, second = questions(services)

    assert (first["reason"], second["reason"]) == (None, None)
    assert (second["in_reply_to"], second["references"]) == (first["message_id"], [first["message_id"]])
    assert second["subject"] == first["subject"]
    read = sent_mail(services, second)
    assert ("| The first." in read.text, "| The second." in read.text) == (True, True)
    assert "number 2 of 2" in words_of(second)
    assert "Number 1, less than a minute old" in words_of(second)
    assert [line for line in read.text.splitlines() if line.startswith("#")] == []


def test_the_html_of_a_list_shows_each_mail_too(services: Services) -> None:
    held(services, "The first.")
    held(services, "The second.")

    html = questions(services)[-1]["html"]

    assert ("The first." in html, "The second." in html, "Number 1" in html) == (True, True, True)


def test_the_word_confirms_all_of_a_list(services: Services) -> None:
    held(services, "The first.")
    held(services, "The second.")

    assert confirm(services, questions(services)[-1]) == "applied"

    assert said(services) == ["The first.", "The second."]


@pytest.mark.parametrize(
    ("words", "confirmed"),
    [
        ("#confirm 2", ["Two."]),
        ("#confirm 1, 3.", ["One.", "Three."]),
        ("#confirm 3 1 1\n\nBob", ["One.", "Three."]),
        ("#confirm", ["One.", "Three.", "Two."]),
    ],
)
def test_a_number_confirms_that_mail_alone(services: Services, words: str, confirmed: list[str]) -> None:
    for text in ("One.", "Two.", "Three."):
        held(services, text)

    confirm(services, questions(services)[-1], words)

    assert said(services) == confirmed


UNCLEAR = [
    "#confirm all but 2",
    "#confirm 4",
    "#confirm 0",
    "#confirm 1 not 2",
    "#confirm\nbut not 2",
    "2 #confirm",
    "2",
]


@pytest.mark.parametrize("words", UNCLEAR)
def test_what_is_not_clear_confirms_nothing_and_is_told_so(services: Services, words: str) -> None:
    held(services, "One.")
    held(services, "Two.")

    fate = confirm(services, questions(services)[-1], words)

    assert (fate, said(services)) == ("not_applied", [])
    assert "once more" in words_of(last_mail(services, BOB, "mail-held"))


def test_an_older_list_confirms_nothing_that_came_later_and_keeps_its_numbers(services: Services) -> None:
    held(services, "One.")
    held(services, "Two.")
    held(services, "Three.")
    _, older, newest = questions(services)

    confirm(services, newest, "#confirm 1")
    confirm(services, older, "#confirm 2")
    assert said(services) == ["One.", "Two."]
    confirm(services, older)

    assert said(services) == ["One.", "Two."]
    assert "does not wait any longer" in words_of(last_mail(services, BOB, "mail-held"))


def test_what_was_confirmed_meanwhile_stands_in_no_later_list(services: Services) -> None:
    held(services, "One.")
    confirm(services, questions(services)[-1])
    held(services, "Two.")

    assert "One." not in questions(services)[-1]["text"]
    confirm(services, questions(services)[-1])
    assert said(services) == ["One.", "Two."]


@pytest.mark.parametrize(("forged", "shown"), [(FAIL, "only its number"), (NONE, "only its number")])
def test_a_forged_mail_is_not_carried_out_with_the_persons_own(
    services: Services, forged: dict[str, str], shown: str
) -> None:
    held(services, "Pay Eve.", forged)
    held(services, "Mine.")
    question = questions(services)[-1]

    confirm(services, question)

    assert (said(services), shown in words_of(question)) == (["Mine."], True)


@pytest.mark.parametrize("forged", [FAIL, NONE])
def test_where_nothing_is_proven_the_word_alone_confirms_the_mail_asked_about_only(
    services: Services, forged: dict[str, str]
) -> None:
    held(services, "Pay Eve.", forged)
    held(services, "Mine.", NONE)

    confirm(services, questions(services)[-1])

    assert said(services) == ["Mine."]


def test_such_a_mail_is_confirmed_by_its_number(services: Services) -> None:
    held(services, "Mine as well.", NONE)
    held(services, "Mine.")

    confirm(services, questions(services)[-1], "#confirm 1")

    assert said(services) == ["Mine as well."]


def test_the_word_alone_says_that_the_rest_wants_its_number(services: Services) -> None:
    held(services, "Pay Eve.", NONE)
    held(services, "Mine.")
    question = questions(services)[-1]
    confirm(services, question)

    confirm(services, question)

    assert said(services) == ["Mine."]
    assert "by its number only" in words_of(last_mail(services, BOB, "mail-held"))


def test_what_the_list_has_no_room_for_is_named_with_its_size_and_not_confirmed_by_it(services: Services) -> None:
    held(services, "An old one. " + "x y " * 16_000)
    held(services, "A long one. " + "x y " * 16_000)
    held(services, "Mine.")
    first, _, question = questions(services)

    confirm(services, question, "#confirm 1")
    before = said(services)
    confirm(services, question)

    assert "An old one." not in question["text"]
    assert "Its text is left out here (64," in words_of(question)
    assert (before, [text[:5] for text in said(services)]) == ([], ["A lon", "Mine."])
    confirm(services, first)
    assert len(said(services)) == 3


def test_a_bomb_pushes_no_mail_of_the_persons_own_off_the_list(services: Services) -> None:
    held(services, "Mine.")
    for number in range(25):
        held(services, f"Forged {number}.", NONE)
        execute(services, SENT_LONG_AGO)

    held(services, "Mine too.")
    question = questions(services)[-1]

    assert "| Mine." in question["text"]
    assert "number 20 of 20" in words_of(question)
    confirm(services, question)
    assert said(services) == ["Mine too.", "Mine."]


@pytest.mark.parametrize("headers", [{"auto_submitted": "auto-replied"}, FAIL])
def test_a_robot_or_a_refuted_answer_confirms_no_line(services: Services, headers: dict[str, str]) -> None:
    held(services, "One.")
    held(services, "Two.")

    confirm(services, questions(services)[-1], "#confirm 1", **headers)

    assert said(services) == []


def test_nobody_elses_mails_stand_in_the_list_nor_does_their_word_count(services: Services) -> None:
    held(services, "Of Ada.", sender=ADA)
    held(services, "Of Bob.")
    question = questions(services)[-1]

    confirm(services, {**question, "recipient": ADA})

    assert ("Of Ada." in question["text"], said(services)) == (False, [])


def test_a_mail_waits_three_days_however_often_it_is_listed(services: Services) -> None:
    old = held(services, "Old.")
    held(services, "New.")
    question = questions(services)[-1]
    execute(services, "UPDATE mail.ledger SET decided_at = now() - interval '73 hours' WHERE id = :row", row=old)

    confirm(services, question, "#confirm 1")
    assert said(services) == []
    held(services, "Newer.")

    assert "Old." not in questions(services)[-1]["text"]


def test_mails_that_nothing_proves_are_asked_about_once_an_hour_in_a_list(services: Services) -> None:
    for text in ("One.", "Two."):
        held(services, text, NONE)

    first, second = questions(services)

    assert (first["reason"], second["reason"] is not None) == (None, True)
    assert ("| One." in second["text"], "| Two." in second["text"]) == (True, True)


def test_a_robot_that_our_server_vouches_for_is_asked_ten_times_an_hour(services: Services) -> None:
    for number in range(12):
        held(services, f"Thank you for question {number}.")
        execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL AND reason IS NULL")

    assert len([mail for mail in questions(services) if mail["reason"] is None]) == 10


@pytest.mark.parametrize("forged", [FAIL, NONE])
def test_a_forged_mail_right_behind_the_persons_own_is_not_confirmed_by_the_word_alone(
    services: Services, forged: dict[str, str]
) -> None:
    held(services, "Mine.")
    held(services, "Pay Eve.", forged)
    question = questions(services)[-1]

    confirm(services, question)
    first = said(services)
    confirm(services, question, "#confirm 2")

    assert "Nothing proves this one" in words_of(question)
    assert "“#confirm 2” confirms it" in words_of(question)
    assert (first, said(services)) == (["Mine."], ["Mine.", "Pay Eve."])
