"""Whom the desk forgets: one person, nobody who is only spelled alike, no staff, and nobody in the middle of work."""

from collections.abc import Iterator

import pytest

from models.staff import remove_staff
from tests.answers import write
from tests.lives import ANN, BOB, FROM_ANN, SENT, WORD, a_life, a_staffed_office, a_visit, done, everything, naming
from tests.offices import a_raw_mail, deliver_to_ledger, rows, run
from worker.announce import announce_due
from worker.clock import now
from worker.forgetting import Forgetting, Refused, forget, look
from worker.intake import receive_due
from worker.office import Office
from worker.transaction import transaction

SIGN_UP = """
INSERT INTO "User" (id, email, name, "createdAt", "updatedAt") VALUES (:id, :email, :email, now(), now())
"""


@pytest.fixture
def empty_office(fresh_database: str) -> Iterator[Office]:
    office = a_staffed_office(fresh_database)
    yield office
    office.engine.dispose()


@pytest.fixture
def office(empty_office: Office) -> Office:
    """An office that Ann has written to, and in which nothing is left to do but a mail to her."""
    a_visit(empty_office)
    return empty_office


def refused(office: Office, address: str = ANN) -> str:
    """Why somebody was not forgotten, and nothing changed."""
    before = everything(office)
    forgotten = forget(office.engine, address)
    assert isinstance(forgotten, Refused)
    assert everything(office) == before
    return forgotten.reason


@pytest.mark.parametrize("other", ["a.nn@customer.example", "ann+shop@customer.example"])
def test_who_is_only_spelled_alike_is_somebody_else(empty_office: Office, other: str) -> None:
    write(empty_office, ANN, "Mine.", **FROM_ANN)
    write(empty_office, other, "Theirs.", **FROM_ANN)
    run(empty_office, SENT)

    done(empty_office)

    assert rows(empty_office, 'SELECT email FROM "User" WHERE email = :other', other=other) == [{"email": other}]
    assert [row["sender"] for row in rows(empty_office, "SELECT sender FROM mail.ledger ORDER BY id")] == [None, other]


def test_two_accounts_under_one_address_are_one_person(empty_office: Office) -> None:
    for number, email in enumerate((ANN, "Ann@Customer.example")):
        run(empty_office, SIGN_UP, id=f"c{number}", email=email)

    done(empty_office)

    emails = [
        row["email"] for row in rows(empty_office, "SELECT email FROM \"User\" WHERE role = 'customer' ORDER BY id")
    ]
    assert emails == ["forgotten-c0@invalid", "forgotten-c1@invalid"]


def test_who_writes_again_is_somebody_new(office: Office) -> None:
    reply_to = rows(office, "SELECT reply_to FROM mail.outbox WHERE recipient = :ann ORDER BY id", ann=ANN)[0][
        "reply_to"
    ]
    done(office)

    found = write(office, ANN, "Hello again.", to=str(reply_to), subject="Hello again")

    assert (found["fate"], found["evidence"]["rule"]) == ("applied", "new_ticket")
    assert len(rows(office, 'SELECT 1 FROM "User" WHERE email = :ann', ann=ANN)) == 1


@pytest.mark.parametrize("address", [BOB, "ada@desk.example"])
def test_staff_are_refused(office: Office, address: str) -> None:
    assert refused(office, address) == (
        f"{address} is staff. Take their role first: supportdesk user staff remove {address}"
    )


def test_who_was_staff_is_forgotten_like_anybody(office: Office) -> None:
    run(office, SENT)
    with transaction(office.engine) as session:
        remove_staff(session, BOB, now=now())

    done(office, BOB)

    assert naming(office, BOB) == set()


def test_the_desk_itself_is_refused(office: Office) -> None:
    assert refused(office, "support@desk.example") == "support@desk.example is the desk's own address."


def test_what_waits_for_the_workers_is_not_lost(empty_office: Office) -> None:
    deliver_to_ledger(empty_office, a_raw_mail("One."))
    reasons = [refused(empty_office)]
    receive_due(empty_office)
    reasons.append(refused(empty_office))
    announce_due(empty_office)
    reasons.append(refused(empty_office))
    run(empty_office, SENT)

    done(empty_office)

    assert [reason.partition("moment: ")[0].count(": 0.") for reason in reasons] == [1, 1, 2]
    assert all(reason.endswith("Let the workers finish, then say it again.") for reason in reasons)


def test_a_mail_that_is_being_sent_to_them_is_waited_for(office: Office) -> None:
    run(office, "UPDATE mail.outbox SET claimed_until = now() + interval '1 minute' WHERE fate IS NULL")

    assert "are being sent to them at this moment: 1." in refused(office)


def test_who_has_no_account_any_more_is_forgotten_by_what_the_mails_say(empty_office: Office) -> None:
    a_life(empty_office)
    run(empty_office, 'DELETE FROM "User" WHERE email = :ann', ann=ANN)

    done(empty_office)

    assert naming(empty_office, ANN, WORD) <= {"mail.report_run", "public.VerificationToken"}


def test_under_the_name_that_they_have_then_their_places_are_still_found(office: Office) -> None:
    places = done(office).places
    email = rows(office, "SELECT email FROM \"User\" WHERE email LIKE 'forgotten-%'")[0]["email"]

    again = look(office.engine, str(email))

    assert isinstance(again, Forgetting)
    assert again.places == places
    assert again.found.bytes == 0
