"""`supportdesk outbox`: what was not sent is listed, shown, sent again or given up."""

import json
from datetime import timedelta
from typing import Any

import pytest

from desk.limits import USUAL
from models.outbox.delivery import read_outbox_mail
from tests.support.database.services import ADMIN, AGENT, MakeServices, Supportdesk, a_raw_mail, execute, query
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

GIVE_UP_AFTER = timedelta(days=USUAL.give_up_days)

FAILED = "UPDATE mail.outbox SET fate = 'failed', reason = '550 no', decided_at = now(), attempts = 3 WHERE id = :id"
HELD = "UPDATE mail.outbox SET fate = 'held', reason = 'The address is suppressed.', decided_at = now() WHERE id = :id"
WAITS = """UPDATE mail.outbox SET error = 'limit \x1b[2J', reason = 'sender refused', due_at = now() + interval '1 hour'
    WHERE id = :id"""
SENT = "UPDATE mail.outbox SET fate = 'sent', reason = '250 ok', decided_at = now() WHERE id = :id"
STATES = {FAILED: "failed", HELD: "held", WAITS: "waiting"}


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    return make_services(ADMIN, AGENT, a_raw_mail("Hello \x1b[2J there"))


@pytest.fixture
def number(services: Services) -> int:
    found = query(services, "SELECT id FROM mail.outbox WHERE recipient = 'ann@customer.example'")
    return int(found[0]["id"])


def row_of(services: Services, number: int) -> dict[str, Any]:
    return query(services, "SELECT *, due_at <= now() AS is_due FROM mail.outbox WHERE id = :id", id=number)[0]


def test_mails_that_are_new_or_sent_are_not_listed(services: Services, number: int, supportdesk: Supportdesk) -> None:
    execute(services, SENT, id=number)

    assert supportdesk("outbox", "list").output == "Every mail was sent, or is new.\n"
    assert json.loads(supportdesk("outbox", "list", "--json").output) == []


@pytest.mark.parametrize("state", STATES)
def test_what_was_not_sent_is_listed_with_its_state(
    services: Services, number: int, supportdesk: Supportdesk, state: str
) -> None:
    execute(services, state, id=number)

    listed = json.loads(supportdesk("outbox", "list", "--json").output)
    others = {one: json.loads(supportdesk("outbox", "list", "--json", "--only", one).output) for one in STATES.values()}

    assert [(one["number"], one["state"], one["recipient"]) for one in listed] == [
        (number, STATES[state], "ann@customer.example")
    ]
    assert {one for one, found in others.items() if found} == {STATES[state]}
    assert "ann@customer.example" in supportdesk("outbox", "list").output


@pytest.mark.parametrize("state", STATES)
def test_a_mail_is_shown_with_its_reason_and_its_text_and_obeyed_in_nothing(
    services: Services, number: int, supportdesk: Supportdesk, state: str
) -> None:
    execute(services, state, id=number)

    shown = supportdesk("outbox", "show", number).output

    assert f"state        {STATES[state]}" in shown
    assert "| " in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("state", [FAILED, WAITS])
def test_a_failed_mail_is_sent_again_by_command(
    services: Services, number: int, supportdesk: Supportdesk, state: str, named: bool
) -> None:
    execute(services, state, id=number)

    result = supportdesk("outbox", "retry", number if named else "--all")

    row = row_of(services, number)
    assert f"Mail {number} goes out" in result.output
    assert (result.exit_code, row["fate"], row["is_due"], row["attempts"], row["tries"]) == (0, None, True, 0, 0)


def test_what_is_held_is_released_by_its_number_alone(
    services: Services, number: int, supportdesk: Supportdesk
) -> None:
    execute(services, HELD, id=number)

    every = supportdesk("outbox", "retry", "--all")
    retried = supportdesk("outbox", "retry", number)
    was = row_of(services, number)["fate"]
    released = supportdesk("outbox", "release", number)

    assert (every.exit_code, retried.exit_code, was) == (0, 2, "held")
    assert (released.exit_code, row_of(services, number)["fate"]) == (0, None)


def test_what_was_sent_is_never_sent_again(services: Services, number: int, supportdesk: Supportdesk) -> None:
    execute(services, SENT, id=number)

    codes = [supportdesk("outbox", command, number).exit_code for command in ("retry", "release")]
    dropped = supportdesk("outbox", "drop", number, "--yes").exit_code

    assert (codes, dropped, row_of(services, number)["fate"]) == ([2, 2], 2, "sent")


@pytest.mark.parametrize(("state", "word"), [(SENT, "sent"), ("SELECT :id", "new")])
def test_the_text_of_any_mail_of_ours_is_shown(
    services: Services, number: int, supportdesk: Supportdesk, state: str, word: str
) -> None:
    execute(services, state, id=number)

    shown = supportdesk("outbox", "show", number)
    new = json.loads(supportdesk("outbox", "list", "--only", "new", "--json").output)

    assert (shown.exit_code, f"state        {word}" in shown.output, "| " in shown.output) == (0, True, True)
    assert "There is no mail 999999 of ours." in supportdesk("outbox", "show", 999999).output
    assert (number in [one["number"] for one in new]) == (word == "new")


def test_a_mail_that_is_just_being_sent_is_left_alone(
    services: Services, number: int, supportdesk: Supportdesk
) -> None:
    claim = "claimed_by = gen_random_uuid(), claimed_at = now(), claimed_until = now() + interval '1 minute'"
    execute(services, f"UPDATE mail.outbox SET error = 'later', {claim} WHERE id = :id", id=number)

    assert supportdesk("outbox", "retry", number).exit_code == 2
    assert supportdesk("outbox", "drop", number, "--yes").exit_code == 2
    assert row_of(services, number)["claimed_by"] is not None


@pytest.mark.parametrize("state", STATES)
def test_a_dropped_mail_is_never_sent_nor_listed(
    services: Services, number: int, supportdesk: Supportdesk, state: str
) -> None:
    execute(services, state, id=number)

    asked = supportdesk("outbox", "drop", number)
    dropped = supportdesk("outbox", "drop", number, "--yes")
    again = [supportdesk("outbox", command, number).exit_code for command in ("retry", "release")]

    row = row_of(services, number)
    assert (asked.exit_code, dropped.exit_code, again) == (2, 0, [2, 2])
    assert (row["fate"], row["reason"]) == ("held" if state is HELD else "failed", "dropped")
    assert json.loads(supportdesk("outbox", "list", "--json").output) == []


def test_a_waiting_answer_that_is_dropped_is_noted_on_its_ticket(
    services: Services, number: int, supportdesk: Supportdesk
) -> None:
    execute(services, WAITS, id=number)

    supportdesk("outbox", "drop", number, "--yes")

    assert "did not reach ann@customer.example" in query(services, "SELECT text FROM mail.note")[0]["text"]


def test_old_mails_are_retried_only_where_they_are_asked_for(
    services: Services, number: int, supportdesk: Supportdesk
) -> None:
    execute(services, FAILED, "UPDATE mail.outbox SET written_at = now() - interval '40 days'", id=number)

    supportdesk("outbox", "retry", "--all")
    was = row_of(services, number)["fate"]
    supportdesk("outbox", "retry", "--all", "--days", 60)

    assert (was, row_of(services, number)["fate"]) == ("failed", None)


@pytest.mark.parametrize(("fate", "error"), [("failed", None), (None, "451 4.7.1 Try again later")])
def test_the_age_of_a_mail_that_is_sent_again_begins_anew(
    services: Services, number: int, supportdesk: Supportdesk, fate: str | None, error: str | None
) -> None:
    execute(
        services,
        """UPDATE mail.outbox SET written_at = now() - interval '6 days', fate = :fate, error = :error, attempts = 20,
            due_at = now() + interval '1 hour' WHERE id = :number""",
        number=number,
        fate=fate,
        error=error,
    )
    before = age_of(services, number)

    supportdesk("outbox", "retry", number)

    assert (before > GIVE_UP_AFTER, age_of(services, number) < timedelta(minutes=5)) == (True, True)


def age_of(services: Services, number: int) -> timedelta:
    """How old a mail is for delivery, which gives up above an age (`desk.gate.verdict.next_attempt`)."""
    with transaction(services.engine) as session:
        mail = read_outbox_mail(session, number)
    return mail.now - mail.begun_at
