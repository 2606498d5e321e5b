"""What becomes of the tickets of an agent whose account the web application deletes."""

import pytest

from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    a_raw_mail,
    execute,
    make_staff,
    process,
    query,
)
from worker.announce.run import announce_due
from worker.runtime.services import Services

pytestmark = pytest.mark.services(AGENT, a_raw_mail(), SECOND_AGENT, ADMIN)

OWNER = 'SELECT u.email FROM "Ticket" t LEFT JOIN "User" u ON u.id = t."assignedToId" ORDER BY t."createdAt" LIMIT 1'
DELETED = "DELETE FROM \"User\" WHERE email = 'bob@desk.example'"
ADD_VALUE = "ALTER TYPE \"TicketStatus\" ADD VALUE 'archived'"

# A status of the ticket, with a time of its end, and whether it is routed again.
STATUSES = (
    ("status = 'open'", True),
    ("status = 'in_progress'", True),
    ("status = 'resolved', \"resolvedAt\" = now()", False),
    ("status = 'closed', \"closedAt\" = now()", False),
    ("status = 'archived'", True),
    ("status = 'archived', \"closedAt\" = now()", False),
)


def announced(services: Services) -> list[tuple[str, str]]:
    """Announce all that waits; the mails that it led to."""
    since = query(services, "SELECT coalesce(max(id), 0) AS id FROM mail.outbox")[0]["id"]
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    told = "SELECT template, recipient FROM mail.outbox WHERE id > :since ORDER BY id"
    return [(row["template"], row["recipient"]) for row in query(services, told, since=since)]


def owner(services: Services) -> str | None:
    email: str | None = query(services, OWNER)[0]["email"]
    return email


@pytest.fixture
def closed(services: Services) -> Services:
    """A ticket that was resolved by an agent who is gone now."""
    execute(services, """UPDATE "Ticket" SET status = 'resolved', "resolvedAt" = now()""")
    announced(services)
    execute(services, DELETED)
    announced(services)
    return services


@pytest.mark.parametrize(("state", "routed"), STATUSES)
def test_only_an_unfinished_ticket_of_a_deleted_agent_is_routed_again(
    services: Services, state: str, routed: bool
) -> None:
    execute(services, ADD_VALUE)
    execute(services, f'UPDATE "Ticket" SET {state}')
    announced(services)

    execute(services, DELETED)

    assert [template for template, _ in announced(services)] == (["ticket-assigned"] if routed else [])
    assert (owner(services) is not None) is routed


def test_many_closed_tickets_of_a_deleted_agent_lead_to_no_mail(services: Services) -> None:
    execute(
        services,
        """INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "assignedToId", "updatedAt")
        SELECT 't' || n, 't', 't', 'closed', 'billing', t."createdById", t."assignedToId", now()
        FROM "Ticket" t, generate_series(1, 40) AS n""",
        "UPDATE mail.event SET fate = 'announced'",
    )

    execute(services, DELETED)

    assert [template for template, _ in announced(services)] == ["ticket-assigned"]
    assert query(services, """SELECT count(*) FROM "Ticket" WHERE "assignedToId" IS NULL""") == [{"count": 40}]
    assert query(services, "SELECT kind FROM mail.event WHERE fate <> 'announced'") == []


def test_a_resolved_ticket_that_its_customer_reopens_gets_an_owner_again(closed: Services) -> None:
    refers = {"in_reply_to": "<1@customer>", "references": "<1@customer>"}
    process(closed, a_raw_mail("Not solved.", subject="Re: Printer", message_id="<2@customer>", **refers))

    assert owner(closed) in {"cat@desk.example", "ada@desk.example"}


def test_a_resolved_ticket_that_nobody_owns_stays_so_while_it_is_only_commented(closed: Services) -> None:
    execute(
        closed,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'c-one', 'Thank you.', t.id, t."createdById", now() FROM "Ticket" t""",
    )

    assert announced(closed) == [("comment-to-agent", "ada@desk.example")]
    assert owner(closed) is None


def test_an_open_ticket_is_given_to_who_is_left(services: Services) -> None:
    make_staff(services, "dan@desk.example")
    execute(services, DELETED, "DELETE FROM \"User\" WHERE email = 'cat@desk.example'")

    announced(services)

    assert owner(services) in {"dan@desk.example", "ada@desk.example"}
