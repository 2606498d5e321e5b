"""A desk on which nobody is staff: its owner is told, and tickets are routed once somebody is there."""

import pytest

from desk.ticket import Role
from tests.support.database.services import AGENT, MakeServices, a_raw_mail, execute, make_staff, process, query
from tests.support.values.replies import mails_to
from worker.admin.digests.without_staff import tell_owner
from worker.admin.doctor.run import staff
from worker.announce.run import announce_due
from worker.announce.waiting import route_waiting
from worker.runtime.services import Services

ANN, BOB, OWNER = "ann@customer.example", "bob@desk.example", "owner@elsewhere.example"
GONE = {
    "deleted by the web app": """DELETE FROM "User" WHERE email = 'bob@desk.example'""",
    "another role": """UPDATE "User" SET role = 'customer' WHERE email = 'bob@desk.example'""",
    "another address": """UPDATE "User" SET email = 'bo@desk.example' WHERE email = 'bob@desk.example'""",
}
OPENED = """
INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
SELECT 't' || n, 'Printer', 'It burns.', 'billing', (SELECT id FROM "User" WHERE email = 'ann@customer.example'), now()
FROM generate_series(1, 2) n
"""
NO_MORE_WAITING = "UPDATE mail.event SET due_at = now()"


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Ann is known; Bob alone is staff. The settings name an owner."""
    return make_services(AGENT, a_raw_mail(), DESK__OWNER=OWNER)


def owners(services: Services) -> list[str | None]:
    found = (
        """SELECT u.email FROM "Ticket" t LEFT JOIN "User" u ON u.id = t."assignedToId" ORDER BY t."createdAt", t.id"""
    )
    return [row["email"] for row in query(services, found)]


def announce(services: Services) -> None:
    execute(services, NO_MORE_WAITING)
    announce_due(services)


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
def test_the_doctor_fails_and_the_owner_is_told_once_a_day(services: Services, change: str) -> None:
    execute(services, change)
    process(services, a_raw_mail(message_id="<2@customer>", subject="Another"))

    told = [tell_owner(services), tell_owner(services)]

    announce_due(services)
    (finding,) = staff(services)
    (mail,) = mails_to(services, OWNER)
    assert told == [1, 0]
    assert "Nobody is staff" in finding.trouble
    assert (mail["template"], mail["fate"]) == ("alert-to-owner", None)
    assert "supportdesk user staff add" in mail["text"]
    assert "name you as its owner" in " ".join(mail["text"].split())


def test_the_owner_is_told_in_the_language_of_the_desk(make_services: MakeServices) -> None:
    services = make_services(a_raw_mail(), DESK__OWNER=OWNER, DESK__LANGUAGE="de")

    tell_owner(services)
    announce_due(services)

    mail = mails_to(services, OWNER)[-1]
    text = " ".join(mail["text"].split())
    assert mail["subject"].endswith(": Dieser Support hat kein Team")
    assert (
        "Mails werden aufgenommen, aber niemand erfährt davon. Offene Tickets, die niemandem zugewiesen sind: 1."
        in text
    )


def test_while_somebody_is_staff_the_owner_hears_nothing(services: Services) -> None:
    (finding,) = staff(services)

    assert (tell_owner(services), finding.trouble, "No admin" in finding.advice) == (0, "", True)


def test_without_an_owner_in_the_settings_nothing_is_written(make_services: MakeServices) -> None:
    services = make_services()

    assert tell_owner(services) == 0


def test_tickets_of_mails_are_routed_as_soon_as_somebody_is_there(make_services: MakeServices) -> None:
    services = make_services(a_raw_mail())
    nobody = (owners(services), route_waiting(services))
    make_staff(services, BOB)

    routed = (route_waiting(services), route_waiting(services))

    announce(services)
    assert (nobody, routed, route_waiting(services)) == (([None], 0), (1, 0), 0)
    assert owners(services) == [BOB]
    assert [mail["template"] for mail in mails_to(services, BOB)] == ["ticket-assigned"]
    assert [mail["template"] for mail in mails_to(services, ANN)] == ["ticket-opened"]


@pytest.mark.parametrize("change", GONE.values(), ids=GONE)
def test_tickets_of_the_web_app_are_routed_as_soon_as_somebody_is_there(services: Services, change: str) -> None:
    execute(services, change, OPENED)
    announce(services)
    make_staff(services, "cat@desk.example", Role.ADMIN)

    route_waiting(services)

    announce(services)
    assert owners(services)[1:] == ["cat@desk.example"] * 2
    assert route_waiting(services) == 0


def test_a_ticket_whose_agent_was_deleted_is_routed_as_soon_as_somebody_is_there(services: Services) -> None:
    execute(services, GONE["deleted by the web app"])
    announce(services)
    make_staff(services, "cat@desk.example")

    route_waiting(services)

    announce(services)
    assert owners(services) == ["cat@desk.example"]


LEFT_ALONE = {
    "ended": """UPDATE "Ticket" SET status = 'resolved'""",
    "taken from somebody on purpose": """UPDATE "Ticket" SET "assignedToId" = NULL""",
}


@pytest.mark.parametrize("change", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_ended_or_was_taken_from_somebody_is_left_alone(make_services: MakeServices, change: str) -> None:
    services = make_services(a_raw_mail())
    make_staff(services, BOB)
    execute(services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :bob)""", bob=BOB)
    execute(services, change)
    execute(services, "UPDATE mail.event SET fate = 'announced' WHERE fate IS NULL")

    assert route_waiting(services) == 0


def test_where_the_strategy_was_none_nothing_is_routed_again(make_services: MakeServices) -> None:
    services = make_services(a_raw_mail())
    make_staff(services, BOB)
    execute(services, "UPDATE mail.assignment SET strategy = 'none'")

    route_waiting(services)
    announce(services)

    assert (owners(services), route_waiting(services)) == ([None], 0)
