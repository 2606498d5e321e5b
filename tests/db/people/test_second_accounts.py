"""A second account under the folded address of staff changes nothing for who stands in the staff list."""

import pytest

from desk.ticket import Role
from models.people.rows import find_person
from models.people.staff import StaffAdded, add_staff
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, process, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.admin.digests.unlisted_staff import tell_of_suspects
from worker.announce.run import announce_due
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, ADA, BOB = "ann@customer.example", "ada@desk.example", "bob@desk.example"
SIGN_UP = """
INSERT INTO "User" (id, email, role, "createdAt", "updatedAt")
VALUES (:id, :email, CAST(:role AS "UserRole"), now() + CAST(:age AS interval), now())
"""
# The address as the web app's signup takes it, the role that it claims, and whether its row is older or newer.
SECOND_ROWS = [
    (email, role, age)
    for email in ("Bob@desk.example", "bob@Desk.Example", "BOB@DESK.EXAMPLE")
    for role in ("customer", "agent", "admin")
    for age in ("-1 day", "1 day")
]
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


@pytest.mark.parametrize(("email", "role", "age"), SECOND_ROWS)
def test_an_agents_answer_reaches_the_customer_whoever_signs_up_under_the_agents_address(
    services: Services, email: str, role: str, age: str
) -> None:
    execute(services, SIGN_UP, id="c1", email=email, role=role, age=age)

    answer(services, last_mail(services, BOB, "ticket-assigned"), "#priority high\n\nHello Ann,\n\ntry this.")

    (ticket,) = query(services, 'SELECT priority::text FROM "Ticket"')
    assert ticket == {"priority": "high"}
    assert [mail["template"] for mail in mails_to(services, ANN)] == ["ticket-opened", "comment-to-customer"]


@pytest.mark.parametrize(("email", "role", "age"), SECOND_ROWS)
def test_the_second_row_has_no_power_and_the_person_in_the_list_has_the_address(
    services: Services, email: str, role: str, age: str
) -> None:
    execute(services, SIGN_UP, id="c1", email=email, role=role, age=age)

    with transaction(services.engine) as session:
        person = find_person(session, BOB)

    assert person is not None
    assert (person.user_id != "c1", person.is_staff, person.role) == (True, True, Role.AGENT)


@pytest.mark.parametrize(
    ("role", "age"), [(role, age) for role in ("customer", "agent") for age in ("-1 day", "1 day")]
)
def test_of_two_rows_that_are_not_staff_the_older_has_the_address(services: Services, role: str, age: str) -> None:
    execute(services, SIGN_UP, id="c1", email="Ann@customer.example", role=role, age=age)

    with transaction(services.engine) as session:
        person = find_person(session, ANN)

    assert person is not None
    assert (person.user_id == "c1", person.is_staff) == (age == "-1 day", False)


def test_new_tickets_go_to_staff_as_before(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="Bob@desk.example", role="customer", age="-1 day")

    process(services, a_raw_mail(message_id="<2@customer>", subject="Another"))

    assert [mail["template"] for mail in mails_to(services, BOB)] == ["ticket-assigned", "ticket-assigned"]


def test_the_admins_are_told_of_each_second_row_and_what_to_do(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="Bob@desk.example", role="customer", age="1 day")
    first = tell_of_suspects(services)
    execute(services, SIGN_UP, id="c2", email="BOB@desk.example", role="admin", age="1 day")

    told = (first, tell_of_suspects(services), tell_of_suspects(services))

    announce_due(services)
    texts = [" ".join(mail["text"].split()) for mail in mails_to(services, ADA) if mail["template"] == "alert"]
    assert told == (1, 1, 0)
    assert "second account under the address of bob@desk.example" in texts[0]
    assert "Bob@desk.example (customer c1)" in texts[0]
    assert "delete it in the web application" in texts[0]
    assert "BOB@desk.example (admin c2)" in texts[1]


def test_the_staff_list_can_be_changed_beside_a_second_row(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="Bob@desk.example", role="customer", age="-1 day")

    with transaction(services.engine) as session:
        outcome = add_staff(session, BOB, Role.ADMIN, name=None, now=now(), raise_role=True)

    assert isinstance(outcome, StaffAdded)
    roles = query(
        services, "SELECT id = 'c1' AS second, role::text FROM \"User\" WHERE lower(email) = :email", email=BOB
    )
    assert sorted((row["second"], row["role"]) for row in roles) == [(False, "admin"), (True, "customer")]
