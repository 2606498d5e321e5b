"""Staff's mail without proof waits for its sender's word, which carries it out once; nobody else's word does."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from desk.ticket import Role
from desk.tokens import Kind, read_address
from models.claims import MOST_TRIES
from models.quarantine import give_back
from tests.answers import answer, as_sent, last_to, mails_to, write
from tests.offices import SUPPORT, a_raw_mail, an_office, deliver_to_ledger, hire, rows, run, take_in
from worker import intake
from worker.announce import announce_due
from worker.carry_out import carry_out
from worker.intake import receive_due
from worker.office import Office
from worker.transaction import transaction

BOB = "bob@desk.example"
TAGGED = "Re: [SD-1001] Printer"
PASSED_ON = (
    "Please see below.\n\n---------- Forwarded message ---------\nFrom: Dan Li <dan@customer.example>\n"
    "Date: Mon, 2 Nov 2026 at 10:01\nSubject: Broken chair\nTo: <bob@desk.example>\n\nMy chair is broken.\n"
)


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, BOB)
    take_in(office, a_raw_mail())
    yield office
    office.engine.dispose()


def comments(office: Office) -> list[str]:
    return [row["content"] for row in rows(office, 'SELECT content FROM "Comment" ORDER BY "createdAt", id')]


def fate(office: Office, row: int) -> str:
    return str(rows(office, "SELECT fate FROM mail.ledger WHERE id = :row", row=row)[0]["fate"])


def question(office: Office) -> dict[str, Any]:
    return last_to(office, BOB, "mail-unconfirmed")


def test_staffs_mail_without_proof_waits_and_its_sender_is_asked_at_the_stored_address(office: Office) -> None:
    held = write(office, "Bob <bob@desk.example>", "Try this.", subject=TAGGED, reply_to="eve@elsewhere.example")

    asked = mails_to(office, BOB, "mail-unconfirmed")
    assert (held["fate"], comments(office)) == ("not_applied", [])
    assert [mail["fate"] for mail in asked] == [None]
    assert rows(office, "SELECT 1 FROM mail.outbox WHERE recipient LIKE 'eve@%'") == []


def test_the_question_is_answered_at_a_signed_address_of_its_own_kind_for_three_days(office: Office) -> None:
    write(office, BOB, "Try this.", subject=TAGGED)

    asked = question(office)

    claim = read_address(str(asked["reply_to"]), frozenset({SUPPORT}))
    assert claim is not None
    assert (claim.id, asked["kind"]) == (asked["id"], Kind.CONFIRM)
    lives = asked["token_expires_at"] - asked["dated"]
    assert timedelta(hours=72, seconds=-1) <= lives <= timedelta(hours=72)


def test_the_question_shows_the_subject_only_and_says_what_to_do(office: Office) -> None:
    write(office, BOB, "Send all to eve@elsewhere.example", subject=TAGGED)

    read = as_sent(office, question(office))

    assert read.subject == "Is this mail yours? It waits for your word"
    assert f"| {TAGGED}" in read.text
    assert "#confirm" in read.text
    assert "eve@" not in read.text


def test_the_word_of_its_sender_makes_it_the_comment_that_it_would_have_been(office: Office) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)

    word = answer(office, question(office), "#confirm")

    assert (word["fate"], fate(office, held["id"]), comments(office)) == ("applied", "applied", ["Try this."])
    assert rows(office, 'SELECT status::text FROM "Ticket"') == [{"status": "in_progress"}]
    assert "Try this." in last_to(office, "ann@customer.example", "comment-to-customer")["text"]


@pytest.mark.parametrize("word", ["#confirm", "#Confirm.", "  #confirm thanks", "#confirm\n\n-- \nBob"])
def test_the_word_counts_as_people_write_it(office: Office, word: str) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)

    answer(office, question(office), word)

    assert fate(office, held["id"]) == "applied"


def test_commands_of_the_held_mail_are_carried_out_and_answered(office: Office) -> None:
    write(office, BOB, "#resolve\nIt is fixed.", subject=TAGGED)

    answer(office, question(office), "#confirm")

    assert rows(office, 'SELECT status::text FROM "Ticket"') == [{"status": "resolved"}]
    assert "Done:    #resolve" in last_to(office, BOB, "command-answer")["text"]


def test_a_confirmed_forward_opens_the_ticket_of_its_first_sender(office: Office) -> None:
    write(office, BOB, PASSED_ON, subject="Fwd: Broken chair")

    answer(office, question(office), "#confirm")

    found = rows(office, 'SELECT title, email FROM "Ticket" t JOIN "User" u ON u.id = "createdById" ORDER BY title')
    assert found[0] == {"title": "Broken chair", "email": "dan@customer.example"}
    assert mails_to(office, "dan@customer.example") == []


def test_a_confirmed_mail_on_no_ticket_opens_one(office: Office) -> None:
    write(office, BOB, "The coffee machine leaks.", subject="Coffee")

    answer(office, question(office), "#confirm")

    found = rows(office, 'SELECT title, email FROM "Ticket" t JOIN "User" u ON u.id = "createdById" ORDER BY title')
    assert found[0] == {"title": "Coffee", "email": BOB}


def test_a_second_word_is_told_that_nothing_waits_any_longer(office: Office) -> None:
    write(office, BOB, "Try this.", subject=TAGGED)
    asked = question(office)
    answer(office, asked, "#confirm")

    second = answer(office, asked, "#confirm")

    assert (second["fate"], comments(office)) == ("not_applied", ["Try this."])
    assert "does not wait any longer" in last_to(office, BOB, "mail-held")["text"]


def test_another_word_releases_nothing_and_its_sender_is_told_which_one_does(office: Office) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)

    answer(office, question(office), "Yes, that is mine. #confirm")

    assert fate(office, held["id"]) == "not_applied"
    assert "answer our question once more" in " ".join(last_to(office, BOB, "mail-held")["text"].split())


def test_after_a_wrong_word_the_right_one_still_counts(office: Office) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)
    asked = question(office)
    answer(office, asked, "yes")

    answer(office, asked, "#confirm")

    assert fate(office, held["id"]) == "applied"


def test_a_robots_answer_releases_nothing(office: Office) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)

    answer(office, question(office), "#confirm", auto_submitted="auto-replied")

    assert (fate(office, held["id"]), comments(office)) == ("not_applied", [])


@pytest.mark.parametrize("sender", ["ada@desk.example", "ann@customer.example", "eve@elsewhere.example"])
def test_nobody_else_can_give_the_word(office: Office, sender: str) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)
    asked = question(office)

    answer(office, {**asked, "recipient": sender}, "#confirm")

    assert (fate(office, held["id"]), comments(office)) == ("not_applied", [])


def test_after_three_days_the_word_releases_nothing(office: Office) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)
    asked = question(office)
    # The signature covers the end, so it is the clock that must be late.
    late = asked["token_expires_at"] + timedelta(seconds=1)

    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(intake, "now", lambda: late)
        answer(office, asked, "#confirm")

    assert (fate(office, held["id"]), comments(office)) == ("not_applied", [])


def test_the_same_mail_that_comes_again_meanwhile_is_no_obstacle(office: Office) -> None:
    raw = a_raw_mail("Try this.", **{"from": BOB, "subject": TAGGED, "message_id": "<b@x>"})
    held = take_in(office, raw)
    twin = take_in(office, raw)

    answer(office, question(office), "#confirm")

    assert (fate(office, held["id"]), fate(office, twin["id"])) == ("applied", "not_applied")
    assert len(mails_to(office, BOB, "mail-unconfirmed")) == 1
    assert comments(office) == ["Try this."]


def test_a_released_mail_that_fails_has_its_effect_once_when_it_is_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = write(office, BOB, "Try this.", subject=TAGGED)
    broken = a_carry_out_that_fails_for(held["id"])
    monkeypatch.setattr(intake, "carry_out", broken)
    answer(office, question(office), "#confirm")
    for _ in range(MOST_TRIES):
        run(office, "UPDATE mail.ledger SET due_at = now() WHERE fate IS NULL")
        receive_due(office)
    before = (fate(office, held["id"]), comments(office))

    monkeypatch.undo()
    with transaction(office.engine) as session:
        give_back(session, [held["id"]])
    receive_due(office)
    announce_due(office)

    assert before == ("quarantined", [])
    assert (fate(office, held["id"]), comments(office)) == ("applied", ["Try this."])
    assert len(mails_to(office, "ann@customer.example", "comment-to-customer")) == 1


def a_carry_out_that_fails_for(row: int) -> object:
    def fails(desk: object, decision: object) -> object:
        if getattr(desk, "row", None) == row:
            raise ZeroDivisionError
        return carry_out(desk, decision)  # type: ignore[arg-type]

    return fails


def test_of_two_copies_that_were_both_confirmed_one_has_the_effect(office: Office) -> None:
    raw = a_raw_mail("Try this.", **{"from": BOB, "subject": TAGGED, "message_id": "<b@x>"})
    first = take_in(office, raw)
    run(office, "UPDATE mail.ledger SET fate = 'quarantined' WHERE id = :row", row=first["id"])
    second = take_in(office, raw)
    answer(office, question(office), "#confirm")

    run(office, "UPDATE mail.ledger SET confirmed_at = now() WHERE id = :row", row=first["id"])
    with transaction(office.engine) as session:
        give_back(session, [first["id"]])
    receive_due(office)

    assert (fate(office, second["id"]), fate(office, first["id"])) == ("applied", "not_applied")
    assert comments(office) == ["Try this."]


def test_two_words_at_once_carry_it_out_once(office: Office) -> None:
    write(office, BOB, "Try this.", subject=TAGGED)
    asked = question(office)
    headers = {"from": BOB, "to": str(asked["reply_to"]), "subject": "Re:"}
    for number in (1, 2):
        deliver_to_ledger(office, a_raw_mail("#confirm", **headers, message_id=f"<w{number}@x>"))

    receive_due(office)

    assert comments(office) == ["Try this."]
