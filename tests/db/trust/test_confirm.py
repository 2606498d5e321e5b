"""Staff's mail without proof waits for its sender's word, which carries it out once; nobody else's word does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from desk.tokens import ReplyKind, read_address
from models.db.claims import MOST_TRIES
from models.ledger.mails import lock_mail
from models.ledger.quarantine import give_back
from tests.support.database.services import ADMIN, AGENT, SUPPORT, a_raw_mail, execute, process, query, store_in_ledger
from tests.support.values.replies import answer, last_mail, mails_to, sent_mail, write_mail
from worker.announce.run import announce_due
from worker.intake import run as intake
from worker.intake.carry_out import carry_out
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

BOB = "bob@desk.example"
TAGGED = "Re: [SD-1001] Printer"
PASSED_ON = (
    "Please see below.\n\n---------- Forwarded message ---------\nFrom: Dan Li <dan@customer.example>\n"
    "Date: Mon, 2 Nov 2026 at 10:01\nSubject: Broken chair\nTo: <bob@desk.example>\n\nMy chair is broken.\n"
)
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment" ORDER BY "createdAt", id')]


def fate(services: Services, row: int) -> str:
    return str(query(services, "SELECT fate FROM mail.ledger WHERE id = :row", row=row)[0]["fate"])


def question(services: Services) -> dict[str, Any]:
    return last_mail(services, BOB, "mail-unconfirmed")


def test_staffs_mail_without_proof_waits_and_its_sender_is_asked_at_the_stored_address(services: Services) -> None:
    held = write_mail(services, "Bob <bob@desk.example>", "Try this.", subject=TAGGED, reply_to="eve@elsewhere.example")

    asked = mails_to(services, BOB, "mail-unconfirmed")
    assert (held["fate"], comments(services)) == ("not_applied", [])
    assert [mail["fate"] for mail in asked] == [None]
    assert query(services, "SELECT 1 FROM mail.outbox WHERE recipient LIKE 'eve@%'") == []


def test_the_question_is_answered_at_a_signed_address_of_its_own_kind_for_three_days(services: Services) -> None:
    write_mail(services, BOB, "Try this.", subject=TAGGED)

    asked = question(services)

    claim = read_address(str(asked["reply_to"]), frozenset({SUPPORT}))
    assert claim is not None
    assert (claim.id, asked["kind"]) == (asked["id"], ReplyKind.CONFIRM)
    lives = asked["token_expires_at"] - asked["dated"]
    assert timedelta(hours=72, seconds=-1) <= lives <= timedelta(hours=72)


def test_the_question_shows_the_subject_and_says_what_to_do(services: Services) -> None:
    write_mail(services, BOB, "Try this.", subject=TAGGED)

    read = sent_mail(services, question(services))

    assert read.subject == "Waiting for your word: a mail about SD-1001"
    assert f"| {TAGGED}" in read.text
    assert "#confirm" in read.text


def test_an_answer_to_the_question_is_not_compared_with_it_so_that_no_later_word_becomes_the_first(
    services: Services,
) -> None:
    """What our question says stays where it stands: a `#confirm` below it, that may be of others, confirms nothing."""
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)

    word = answer(services, asked, f"{asked['text']}\n\n#confirm")

    assert (fate(services, held["id"]), comments(services)) == ("not_applied", [])
    assert "words" not in word["evidence"]


def test_the_word_of_its_sender_makes_it_the_comment_that_it_would_have_been(services: Services) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)

    word = answer(services, question(services), "#confirm")

    assert (word["fate"], fate(services, held["id"]), comments(services)) == ("applied", "applied", ["Try this."])
    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "in_progress"}]
    assert "Try this." in last_mail(services, "ann@customer.example", "comment-to-customer")["text"]


@pytest.mark.parametrize("word", ["#confirm", "#Confirm.", "  #confirm thanks", "#confirm\n\n-- \nBob"])
def test_the_word_counts_as_people_write_it(services: Services, word: str) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)

    answer(services, question(services), word)

    assert fate(services, held["id"]) == "applied"


def test_commands_of_the_held_mail_are_carried_out_and_answered(services: Services) -> None:
    write_mail(services, BOB, "#resolve\nIt is fixed.", subject=TAGGED)

    answer(services, question(services), "#confirm")

    assert query(services, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]
    assert "Done:    #resolve" in last_mail(services, BOB, "command-answer")["text"]


def test_a_confirmed_forward_opens_the_ticket_of_its_first_sender(services: Services) -> None:
    write_mail(services, BOB, PASSED_ON, subject="Fwd: Broken chair")

    answer(services, question(services), "#confirm")

    found = query(services, 'SELECT title, email FROM "Ticket" t JOIN "User" u ON u.id = "createdById" ORDER BY title')
    assert found[0] == {"title": "Broken chair", "email": "dan@customer.example"}
    assert mails_to(services, "dan@customer.example") == []


def test_a_confirmed_mail_on_no_ticket_opens_one(services: Services) -> None:
    write_mail(services, BOB, "The coffee machine leaks.", subject="Coffee")

    answer(services, question(services), "#confirm")

    found = query(services, 'SELECT title, email FROM "Ticket" t JOIN "User" u ON u.id = "createdById" ORDER BY title')
    assert found[0] == {"title": "Coffee", "email": BOB}


def test_a_second_word_is_told_that_nothing_waits_any_longer(services: Services) -> None:
    write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)
    answer(services, asked, "#confirm")

    second = answer(services, asked, "#confirm")

    assert (second["fate"], comments(services)) == ("not_applied", ["Try this."])
    assert "does not wait any longer" in last_mail(services, BOB, "mail-held")["text"]


def test_another_word_releases_nothing_and_its_sender_is_told_which_one_does(services: Services) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)

    answer(services, question(services), "Yes, that is mine. #confirm")

    assert fate(services, held["id"]) == "not_applied"
    assert "answer our question once more" in " ".join(last_mail(services, BOB, "mail-held")["text"].split())


def test_after_a_wrong_word_the_right_one_still_counts(services: Services) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)
    answer(services, asked, "yes")

    answer(services, asked, "#confirm")

    assert fate(services, held["id"]) == "applied"


def test_a_robots_answer_releases_nothing(services: Services) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)

    answer(services, question(services), "#confirm", auto_submitted="auto-replied")

    assert (fate(services, held["id"]), comments(services)) == ("not_applied", [])


@pytest.mark.parametrize("sender", ["ada@desk.example", "ann@customer.example", "eve@elsewhere.example"])
def test_nobody_else_can_give_the_word(services: Services, sender: str) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)

    answer(services, {**asked, "recipient": sender}, "#confirm")

    assert (fate(services, held["id"]), comments(services)) == ("not_applied", [])


def test_after_three_days_the_word_releases_nothing(services: Services) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)
    # The signature covers the end, so it is the clock that must be late.
    late = asked["token_expires_at"] + timedelta(seconds=1)

    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(intake, "lock_mail", lambda *of: (mail := lock_mail(*of)) and replace(mail, now=late))
        answer(services, asked, "#confirm")

    assert (fate(services, held["id"]), comments(services)) == ("not_applied", [])


def test_the_same_mail_that_comes_again_meanwhile_is_no_obstacle(services: Services) -> None:
    raw = a_raw_mail("Try this.", **{"from": BOB, "subject": TAGGED, "message_id": "<b@x>"})
    held = process(services, raw)
    twin = process(services, raw)

    answer(services, question(services), "#confirm")

    assert (fate(services, held["id"]), fate(services, twin["id"])) == ("applied", "not_applied")
    assert len(mails_to(services, BOB, "mail-unconfirmed")) == 1
    assert comments(services) == ["Try this."]


def test_a_released_mail_that_fails_has_its_effect_once_when_it_is_tried_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = write_mail(services, BOB, "Try this.", subject=TAGGED)
    broken = a_carry_out_that_fails_for(held["id"])
    monkeypatch.setattr(intake, "carry_out", broken)
    answer(services, question(services), "#confirm")
    for _ in range(MOST_TRIES):
        execute(services, "UPDATE mail.ledger SET due_at = now() WHERE fate IS NULL")
        receive_due(services)
    before = (fate(services, held["id"]), comments(services))

    monkeypatch.undo()
    with transaction(services.engine) as session:
        give_back(session, [held["id"]])
    receive_due(services)
    announce_due(services)

    assert before == ("quarantined", [])
    assert (fate(services, held["id"]), comments(services)) == ("applied", ["Try this."])
    assert len(mails_to(services, "ann@customer.example", "comment-to-customer")) == 1


def a_carry_out_that_fails_for(row: int) -> object:
    def fails(desk: object, decision: object) -> object:
        if getattr(desk, "row", None) == row:
            raise ZeroDivisionError
        return carry_out(desk, decision)  # type: ignore[arg-type]

    return fails


def test_of_two_copies_that_were_both_confirmed_one_has_the_effect(services: Services) -> None:
    raw = a_raw_mail("Try this.", **{"from": BOB, "subject": TAGGED, "message_id": "<b@x>"})
    first = process(services, raw)
    execute(services, "UPDATE mail.ledger SET fate = 'quarantined' WHERE id = :row", row=first["id"])
    second = process(services, raw)
    answer(services, question(services), "#confirm")

    execute(services, "UPDATE mail.ledger SET confirmed_at = now() WHERE id = :row", row=first["id"])
    with transaction(services.engine) as session:
        give_back(session, [first["id"]])
    receive_due(services)

    assert (fate(services, second["id"]), fate(services, first["id"])) == ("applied", "not_applied")
    assert comments(services) == ["Try this."]


def test_two_words_at_once_carry_it_out_once(services: Services) -> None:
    write_mail(services, BOB, "Try this.", subject=TAGGED)
    asked = question(services)
    headers = {"from": BOB, "to": str(asked["reply_to"]), "subject": "Re:"}
    for number in (1, 2):
        store_in_ledger(services, a_raw_mail("#confirm", **headers, message_id=f"<w{number}@x>"))

    receive_due(services)

    assert comments(services) == ["Try this."]
