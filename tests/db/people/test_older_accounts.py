"""An account that somebody could log in to before its address was proven is not verified by the proof."""

import pytest

from tests.support.database.services import execute, query
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.admin.digests.unlisted_staff import tell_of_suspects
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, ADA, BOB = "ann@customer.example", "ada@desk.example", "bob@desk.example"
SIGN_UP = """
INSERT INTO "User" (id, email, password, "createdAt", "updatedAt") VALUES ('u1', :email, :password, now(), now())
"""
OAUTH = """
INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId")
SELECT 'a1', id, 'oauth', 'github', '1' FROM "User" WHERE email = :email
"""
LOG_IN = """
INSERT INTO "Session" (id, "sessionToken", "userId", expires)
SELECT 's1', 't1', id, now() + interval '1 day' FROM "User" WHERE email = :email
"""
PASSWORD = """UPDATE "User" SET password = 'hash' WHERE email = :email"""
LOGINS = {"password": PASSWORD, "an OAuth account": OAUTH, "a session": LOG_IN}


def verified(services: Services, email: str) -> bool:
    (row,) = query(services, 'SELECT "emailVerified" AS at FROM "User" WHERE lower(email) = :email', email=email)
    return row["at"] is not None


def alerts(services: Services) -> list[str]:
    announce_due(services)
    return [" ".join(str(mail["text"]).split()) for mail in mails_to(services, ADA, "alert")]


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS)
@pytest.mark.parametrize("email", [ANN, "Ann@Customer.Example"])
def test_the_owners_answer_verifies_no_account_that_somebody_made_with_their_address(
    services: Services, login: str, email: str
) -> None:
    execute(services, SIGN_UP, email=email, password=None)
    execute(services, login, email=email)
    write_mail(services, ANN, "Help.")

    ledger = answer(services, last_mail(services, ANN), "More.")

    tell_of_suspects(services)
    (alert,) = alerts(services)
    assert (ledger["fate"], verified(services, ANN)) == ("applied", False)
    assert f"The owner of {email} has written with a live token, but the account u1 had a login before" in alert
    assert "had a login before" in ledger["evidence"]["account"]


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS)
def test_a_login_that_comes_between_the_first_mail_and_its_answer_is_older_than_the_proof(
    services: Services, login: str
) -> None:
    write_mail(services, ANN, "Help.")
    execute(services, login, email=ANN)

    answer(services, last_mail(services, ANN), "More.")

    assert (verified(services, ANN), tell_of_suspects(services)) == (False, 1)


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS)
def test_a_login_that_comes_after_the_proof_is_no_news(services: Services, login: str) -> None:
    write_mail(services, ANN, "Help.")
    answer(services, last_mail(services, ANN), "More.")
    execute(services, login, email=ANN)

    answer(services, last_mail(services, ANN), "And more.")

    assert (verified(services, ANN), tell_of_suspects(services)) == (True, 0)


def test_it_is_told_once_and_of_no_account_whose_owner_showed_nothing(services: Services) -> None:
    execute(services, SIGN_UP, email="eve@elsewhere.example", password="hash")
    write_mail(services, "eve@elsewhere.example", "Hello.")
    write_mail(services, ANN, "Help.")
    execute(services, PASSWORD, email=ANN)
    answer(services, last_mail(services, ANN), "More.")
    first = tell_of_suspects(services)
    answer(services, last_mail(services, ANN), "And more.")

    assert (first, tell_of_suspects(services), len(alerts(services))) == (1, 0, 1)


def test_staff_with_an_older_login_keep_their_power_and_are_not_verified(services: Services) -> None:
    write_mail(services, ANN, "Help.")
    execute(services, PASSWORD, email=BOB)

    ledger = answer(services, last_mail(services, BOB), "Try this.")

    assert (ledger["fate"], verified(services, BOB), tell_of_suspects(services)) == ("applied", False, 1)
