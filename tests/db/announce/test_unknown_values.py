"""Statuses, priorities, categories and roles that the web application added: each step of a mail lives with them."""

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    make_staff,
    process,
    query,
    report_is_due,
)
from worker.admin.doctor.run import look_over, unknown_values_in_enums
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), **report_is_due())

VALUES = (
    "ALTER TYPE \"TicketStatus\" ADD VALUE 'waiting'",
    "ALTER TYPE \"TicketStatus\" ADD VALUE 'archived'",
    "ALTER TYPE \"TicketPriority\" ADD VALUE 'urgent'",
    "ALTER TYPE \"TicketCategory\" ADD VALUE 'refund'",
    "ALTER TYPE \"UserRole\" ADD VALUE 'manager'",
)
ODD = """UPDATE "Ticket" SET status = 'waiting', priority = 'urgent', category = 'refund'"""
ARCHIVED = """UPDATE "Ticket" SET status = 'archived', "closedAt" = now()"""
WRITTEN = "SELECT template, recipient FROM mail.outbox WHERE id > :since ORDER BY template, recipient"
FAILED = "SELECT kind, fate, error FROM mail.event WHERE fate IS DISTINCT FROM 'announced' OR tries > 0"


@pytest.fixture(autouse=True)
def added_values(services: Services) -> None:
    """The web application has added a value to each of its enums."""
    for statement in VALUES:
        execute(services, statement)


def change(services: Services, statement: str) -> list[str]:
    """The templates of the mails that a change by the web application leads to."""
    since = query(services, "SELECT max(id) AS id FROM mail.outbox")[0]["id"]
    execute(services, statement)
    execute(services, "UPDATE mail.event SET due_at = now()")
    announce_due(services)
    return [row["template"] for row in query(services, WRITTEN, since=since)]


def answer(services: Services) -> tuple[str, int]:
    """The fate and the ticket of the customer's answer."""
    refers = {"in_reply_to": "<1@customer>", "references": "<1@customer>"}
    mail = process(services, a_raw_mail("The scanner too.", subject="Re: Printer", message_id="<2@customer>", **refers))
    return mail["fate"], mail["ticket_number"]


def test_a_step_beside_one_of_ours_is_no_news(services: Services) -> None:
    change(services, """UPDATE "Ticket" SET status = 'in_progress'""")

    templates = change(services, ODD)

    assert (templates, query(services, FAILED)) == ([], [])


CHANGES = (
    (ODD, ["status-in-progress", "status-to-agent"]),
    (ARCHIVED, ["status-closed", "status-to-agent"]),
    ("""UPDATE "Ticket" SET status = 'archived', "resolvedAt" = now()""", ["status-resolved", "status-to-agent"]),
)


@pytest.mark.parametrize(("statement", "expected"), CHANGES)
def test_a_status_that_we_do_not_know_is_told_as_its_neighbour(
    services: Services, statement: str, expected: list[str]
) -> None:
    templates = change(services, statement)

    assert (templates, query(services, FAILED)) == (expected, [])


def test_what_leaves_such_a_status_is_told_as_ever(services: Services) -> None:
    change(services, ODD)

    templates = change(services, """UPDATE "Ticket" SET status = 'resolved', "resolvedAt" = now()""")

    assert (templates, query(services, FAILED)) == (["status-resolved", "status-to-agent"], [])


def test_the_answer_to_a_ticket_that_waits_stays_on_it_and_it_waits_on(services: Services) -> None:
    change(services, ODD)

    found = answer(services)

    ticket = query(services, 'SELECT status::text AS status, priority::text AS priority FROM "Ticket"')
    assert (found, ticket) == (("applied", 1001), [{"status": "waiting", "priority": "urgent"}])


def test_the_answer_to_a_ticket_that_was_closed_opens_another(services: Services) -> None:
    change(services, ARCHIVED)

    found = answer(services)

    assert found == ("applied", 1002)


def test_a_ticket_that_the_web_app_opens_so_is_acknowledged_and_routed(services: Services) -> None:
    templates = change(
        services,
        """INSERT INTO "Ticket" (id, title, description, status, priority, category, "createdById", "updatedAt")
        SELECT 't-odd', 'Odd', 'Odd', 'waiting', 'urgent', 'refund', "createdById", now() FROM "Ticket" """,
    )

    assert (templates, query(services, FAILED)) == (["ticket-assigned", "ticket-opened"], [])


@pytest.mark.parametrize(("statement", "status"), [(ODD, "in_progress"), (ARCHIVED, "closed")])
def test_such_a_ticket_is_explained_without_a_traceback(
    services: Services, supportdesk: Supportdesk, statement: str, status: str
) -> None:
    change(services, statement)

    result = supportdesk("explain", "SD-1001")

    assert (result.exit_code, result.exception) == (0, None)
    assert f"SD-1001 “Printer” is {status}." in result.output


@pytest.mark.parametrize(("statement", "still_open"), [(ODD, 1), (ARCHIVED, 0)])
def test_a_report_counts_such_tickets_as_their_neighbours(services: Services, statement: str, still_open: int) -> None:
    change(services, statement)

    start_due_reports(services)
    announce_due(services)

    figures = query(services, "SELECT figures FROM mail.report_run")[0]["figures"]
    assert figures["totals"]["open"] == still_open
    assert query(services, FAILED) == []


def test_a_role_that_we_do_not_know_has_no_power(services: Services, supportdesk: Supportdesk) -> None:
    make_staff(services, "cat@desk.example")
    execute(services, "UPDATE \"User\" SET role = 'manager' WHERE email = 'cat@desk.example'")

    mail = process(services, a_raw_mail("#close", message_id="<3@desk>", **{"from": "cat@desk.example"}))

    assert mail["fate"] == "applied"
    assert query(services, """SELECT count(*) FROM "Ticket" WHERE status = 'closed'""") == [{"count": 0}]
    assert supportdesk("user", "list").exit_code == 0
    assert supportdesk("user", "staff", "list").exit_code == 0


def test_doctor_names_such_values_and_how_they_are_handled(services: Services) -> None:
    advice = {one.part: (one.trouble, one.advice) for one in look_over(services, (unknown_values_in_enums,))}

    assert all(not trouble for trouble, _ in advice.values())
    assert "waiting, archived. They are handled as in_progress." in advice["enum TicketStatus"][1]
    assert "urgent. They are handled as high." in advice["enum TicketPriority"][1]
    assert "refund. They are handled as general_inquiry." in advice["enum TicketCategory"][1]
    assert "manager. They are handled as customer." in advice["enum UserRole"][1]
