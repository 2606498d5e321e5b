"""An account that calls itself more than the desk grants is told to the admins, once."""

from collections.abc import Iterator

import pytest

from desk.ticket import Role
from tests.offices import an_office, hire, rows, run
from worker.announce import announce_due
from worker.office import Office
from worker.suspects import tell_of_suspects

SIGN_UP = """
INSERT INTO "User" (id, email, role, "createdAt", "updatedAt")
VALUES (:id, :email, CAST(:role AS "UserRole"), now(), now())
"""


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    hire(office, "bob@desk.example")
    yield office
    office.engine.dispose()


def alerts(office: Office) -> list[str]:
    announce_due(office)
    found = rows(office, "SELECT recipient, text FROM mail.outbox WHERE template = 'alert' ORDER BY id")
    assert {mail["recipient"] for mail in found} <= {"ada@desk.example"}
    return [" ".join(str(mail["text"]).split()) for mail in found]


def test_staff_who_are_in_the_list_are_no_news(office: Office) -> None:
    run(office, SIGN_UP, id="c1", email="ann@customer.example", role="customer")

    assert tell_of_suspects(office) == 0
    assert alerts(office) == []


def test_a_self_made_admin_is_told_once(office: Office) -> None:
    run(office, SIGN_UP, id="c1", email="eve@elsewhere.example", role="admin")

    told = [tell_of_suspects(office), tell_of_suspects(office)]

    (alert,) = alerts(office)
    assert told == [1, 0]
    assert "eve@elsewhere.example calls itself an admin, and is not in the desk's staff list." in alert


def test_an_agent_who_made_themselves_admin_is_told(office: Office) -> None:
    run(office, "UPDATE \"User\" SET role = 'admin' WHERE email = 'bob@desk.example'")

    tell_of_suspects(office)

    assert "bob@desk.example calls itself an admin" in alerts(office)[0]


def test_a_second_account_under_the_address_of_staff_is_told(office: Office) -> None:
    run(office, SIGN_UP, id="c1", email="Bob@Desk.example", role="customer")

    tell_of_suspects(office)

    assert "Several accounts have the address bob@desk.example" in alerts(office)[0]


def test_several_stand_in_one_mail(office: Office) -> None:
    for number in range(25):
        run(office, SIGN_UP, id=f"c{number}", email=f"eve{number}@elsewhere.example", role="agent")

    tell_of_suspects(office)

    (alert,) = alerts(office)
    assert "And 5 more." in alert
