"""A ticket's history reads in the order in which things happened, each in the name of who did it."""

from datetime import UTC, datetime

import pytest

from tests.support.database.merged_tickets import merge, two_requests
from tests.support.database.services import ADMIN, AGENT, execute, query
from tests.support.values.replies import answer, last_mail, write_mail
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
FORWARD = (
    "Look at this.\n\n---------- Forwarded message ---------\nFrom: Dan Li <dan@customer.example>\n"
    "Date: Mon, 2 Nov 2026 at 10:01\nSubject: Broken chair\nTo: <bob@desk.example>\n\nMy chair is broken.\n"
)
ASSIGNED, ADDED = (BOB, "Ticket assigned"), "Added a comment"
# What a mail of the agent, and one of the customer after it, add to the history, in its order.
ADD = {
    "an answer": ("Try this.", [ADDED, "Status changed from open to in_progress"]),
    "a command": ("#resolve", ["Status changed from open to resolved"]),
    "an answer with commands": (
        "#resolve\n#priority high\n#category billing\n#assign none\nHello Ann,\nit is fixed.",
        [ADDED, "Status changed from open to resolved", "Priority changed from medium to high",
         "Category changed from technical_issue to billing", "Ticket unassigned"],
    ),
}  # fmt: skip
pytestmark = pytest.mark.services(ADMIN, AGENT)


def history(services: Services, title: str = "Printer", order: str = '"createdAt", md5(a.id)') -> list[tuple[str, str]]:
    """Who did what on a ticket; at equal times by nothing that anybody chose."""
    found = f"""
    SELECT email, a.description FROM "TicketActivity" a JOIN "User" u ON u.id = a."userId"
    JOIN "Ticket" t ON t.id = a."ticketId" WHERE t.title = :title ORDER BY a.{order}
    """
    return [(row["email"], row["description"]) for row in query(services, found, title=title)]


def times(services: Services) -> list[datetime]:
    found = 'SELECT "createdAt" AS at FROM "TicketActivity" ORDER BY "createdAt"'
    return [row["at"] for row in query(services, found)]


def test_a_ticket_is_created_by_its_customer_and_then_assigned_to_who_gets_it(services: Services) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")

    assert history(services) == [(ANN, "Ticket created: Printer"), ASSIGNED]


def test_a_ticket_that_an_agent_passes_on_is_created_by_the_agent(services: Services) -> None:
    write_mail(services, BOB, FORWARD, subject="Fwd: Broken chair")
    answer(services, last_mail(services, BOB, "mail-unconfirmed"), "#confirm")

    assert history(services, "Broken chair") == [(BOB, "Ticket created: Broken chair"), ASSIGNED]


@pytest.mark.parametrize("kind", ADD)
def test_what_one_mail_does_stands_in_its_order_newest_first(services: Services, kind: str) -> None:
    words, added = ADD[kind]
    write_mail(services, ANN, "It is broken.", subject="Printer")

    answer(services, last_mail(services, BOB), words)

    newest_first = history(services, order='"createdAt" DESC, md5(a.id)')
    assert newest_first == [*((BOB, one) for one in reversed(added)), ASSIGNED, (ANN, "Ticket created: Printer")]
    assert len(set(times(services))) == len(newest_first)


def test_a_customers_reply_comments_and_then_reopens_in_the_customers_name(services: Services) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    answer(services, last_mail(services, BOB), "#resolve")

    answer(services, last_mail(services, ANN), "No, it is not.")

    assert history(services)[-2:] == [(ANN, ADDED), (ANN, "Status changed from resolved to open")]


def test_mails_of_the_same_moment_stand_in_the_order_in_which_they_were_decided(services: Services) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    # Then the moment of both mails is that of the line before them, or earlier.
    execute(services, """UPDATE "TicketActivity" SET "createdAt" = "createdAt" + interval '30 seconds'""")

    answer(services, last_mail(services, BOB), "#priority low")
    answer(services, last_mail(services, BOB), "#priority high")

    assert [words for _, words in history(services)][2:] == [
        "Priority changed from medium to low", "Priority changed from low to high"]  # fmt: skip


@pytest.mark.parametrize(("ahead", "follows"), [("1 second", True), ("50 seconds", True), ("20 years", False)])
def test_an_activity_of_a_clock_that_is_ahead_is_followed_within_reason(
    services: Services, ahead: str, follows: bool
) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    execute(
        services, f"UPDATE \"TicketActivity\" SET \"createdAt\" = now() + interval '{ahead}' WHERE action = 'created'"
    )

    answer(services, last_mail(services, BOB), "#priority low")

    assert (history(services)[-1][1] == "Priority changed from medium to low") is follows
    assert follows or times(services)[-2].year == datetime.now(UTC).year


def test_a_merge_comes_after_the_answer_and_the_status_that_go_with_it(services: Services) -> None:
    two_requests(services)
    merge(services, text="Hello Ann, see there.")

    found = """
    SELECT description FROM "TicketActivity" a JOIN mail.ticket n ON n.ticket_id = a."ticketId"
    WHERE n.number = 1001 ORDER BY "createdAt", md5(a.id)
    """
    assert [row["description"] for row in query(services, found)][2:] == [
        ADDED, "Status changed from open to closed", "Merged into SD-1002"]  # fmt: skip


def test_the_desk_assigns_a_ticket_of_the_web_application_in_the_name_of_who_gets_it(services: Services) -> None:
    write_mail(services, ANN, "It is broken.", subject="Printer")
    execute(
        services,
        """
        INSERT INTO "Ticket" (id, title, description, priority, category, "createdById", "updatedAt")
        SELECT 'w1', 'Webcam', 'No picture.', 'medium', category, "createdById", now() FROM "Ticket"
        """,
        """
        INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description)
        SELECT 'a1', id, "createdById", 'created', 'Ticket created: Webcam' FROM "Ticket" WHERE id = 'w1'
        """,
    )
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")

    announce_due(services)

    assert history(services, "Webcam") == [(ANN, "Ticket created: Webcam"), ASSIGNED]
