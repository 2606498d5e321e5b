"""Whom the desk forgets: one person, nobody who is only spelled alike, no staff, and nobody in the middle of work."""

import pytest

from models.people.staff import remove_staff
from tests.support.database.personal_data import (
    ANN,
    BOB,
    FROM_ANN,
    SENT,
    WORD,
    forget_customer,
    leave_one_mail,
    leave_personal_data_everywhere,
    personal_data_settings,
    rows_of_all_tables,
    tables_naming,
)
from tests.support.database.services import (
    ADMIN,
    AGENT,
    EXAMPLE,
    SECRET,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    execute,
    query,
    store_in_ledger,
)
from tests.support.values.replies import write_mail
from worker.admin.forget import Forgetting, NotForgotten, forget, look
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

DESK = {"BROKER__URL": "redis://127.0.0.1:1/0", "DESK__SECRET_KEY": SECRET, "MAILBOX__SUPPORT__PASSWORD": "demo"}
SIGN_UP = """
INSERT INTO "User" (id, email, name, "createdAt", "updatedAt") VALUES (:id, :email, :email, now(), now())
"""


@pytest.fixture
def empty_services(make_services: MakeServices) -> Services:
    return make_services(ADMIN, AGENT, **personal_data_settings())


@pytest.fixture
def services(empty_services: Services) -> Services:
    """Services that Ann has written to, and in which nothing is left to do but a mail to her."""
    leave_one_mail(empty_services)
    return empty_services


def refused(services: Services, address: str = ANN) -> str:
    """Why somebody was not forgotten, and nothing changed."""
    before = rows_of_all_tables(services)
    forgotten = forget(services.engine, address)
    assert isinstance(forgotten, NotForgotten)
    assert rows_of_all_tables(services) == before
    return forgotten.reason


@pytest.mark.parametrize("other", ["a.nn@customer.example", "ann+shop@customer.example"])
def test_who_is_only_spelled_alike_is_somebody_else(empty_services: Services, other: str) -> None:
    write_mail(empty_services, ANN, "Mine.", **FROM_ANN)
    write_mail(empty_services, other, "Theirs.", **FROM_ANN)
    execute(empty_services, SENT)

    forget_customer(empty_services)

    assert query(empty_services, 'SELECT email FROM "User" WHERE email = :other', other=other) == [{"email": other}]
    assert [row["sender"] for row in query(empty_services, "SELECT sender FROM mail.ledger ORDER BY id")] == [
        None,
        other,
    ]


def test_two_accounts_under_one_address_are_one_person(empty_services: Services) -> None:
    for number, email in enumerate((ANN, "Ann@Customer.example")):
        execute(empty_services, SIGN_UP, id=f"c{number}", email=email)

    forget_customer(empty_services)

    emails = [
        row["email"] for row in query(empty_services, "SELECT email FROM \"User\" WHERE role = 'customer' ORDER BY id")
    ]
    assert emails == ["forgotten-c0@invalid", "forgotten-c1@invalid"]


def test_who_writes_again_is_somebody_new(services: Services) -> None:
    reply_to = query(services, "SELECT reply_to FROM mail.outbox WHERE recipient = :ann ORDER BY id", ann=ANN)[0][
        "reply_to"
    ]
    forget_customer(services)

    found = write_mail(services, ANN, "Hello again.", to=str(reply_to), subject="Hello again")

    assert (found["fate"], found["evidence"]["rule"]) == ("applied", "new_ticket")
    assert len(query(services, 'SELECT 1 FROM "User" WHERE email = :ann', ann=ANN)) == 1


@pytest.mark.parametrize("address", [BOB, "ada@desk.example"])
def test_staff_are_refused(services: Services, address: str) -> None:
    assert refused(services, address) == (
        f"{address} is staff. Take their role first: supportdesk user staff remove {address}"
    )


def test_who_was_staff_is_forgotten_like_anybody(services: Services) -> None:
    execute(services, SENT)
    with transaction(services.engine) as session:
        remove_staff(session, BOB, now=now())

    forget_customer(services, BOB)

    assert tables_naming(services, BOB) == set()


def test_the_desk_itself_is_refused(services: Services) -> None:
    assert refused(services, "support@desk.example") == "support@desk.example is the desk's own address."


@pytest.mark.parametrize("yes", [["--yes"], []], ids=["forget", "look"])
@pytest.mark.parametrize("address", ["hilfe@desk.example", "HILFE@desk.example", "hilfe+shop@desk.example"])
def test_another_name_of_the_desk_is_refused_too(
    services: Services, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch, address: str, yes: list[str]
) -> None:
    for name, value in {**DESK, "MAILBOX__SUPPORT__ALIASES": '["hilfe@desk.example"]'}.items():
        monkeypatch.setenv(f"SUPPORTDESK_{name}", value)
    write_mail(services, address, "Hello.", subject="Hello")
    execute(services, SENT)
    before = rows_of_all_tables(services)

    done = supportdesk("--config", EXAMPLE, "user", "forget", address, *yes)

    assert done.exit_code != 0
    assert "is the desk's own address." in done.output
    assert rows_of_all_tables(services) == before


def test_what_waits_for_the_workers_is_not_lost(empty_services: Services) -> None:
    store_in_ledger(empty_services, a_raw_mail("One."))
    reasons = [refused(empty_services)]
    receive_due(empty_services)
    reasons.append(refused(empty_services))
    announce_due(empty_services)
    reasons.append(refused(empty_services))
    execute(empty_services, SENT)

    forget_customer(empty_services)

    assert [reason.partition("moment: ")[0].count(": 0.") for reason in reasons] == [1, 1, 2]
    assert all(reason.endswith("Let the workers finish, then say it again.") for reason in reasons)


def test_a_mail_that_is_being_sent_to_them_is_waited_for(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET claimed_until = now() + interval '1 minute' WHERE fate IS NULL")

    assert "are being sent to them at this moment: 1." in refused(services)


def test_who_has_no_account_any_more_is_forgotten_by_what_the_mails_say(empty_services: Services) -> None:
    leave_personal_data_everywhere(empty_services)
    execute(empty_services, 'DELETE FROM "User" WHERE email = :ann', ann=ANN)

    forget_customer(empty_services)

    assert tables_naming(empty_services, ANN, WORD) <= {"mail.report_run", "public.VerificationToken"}


def test_under_the_name_that_they_have_then_their_places_are_still_found(services: Services) -> None:
    places = forget_customer(services).places
    email = query(services, "SELECT email FROM \"User\" WHERE email LIKE 'forgotten-%'")[0]["email"]

    again = look(services.engine, str(email))

    assert isinstance(again, Forgetting)
    assert again.places == places
    assert again.found.bytes == 0
