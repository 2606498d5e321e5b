"""What goes along when a person or a ticket is deleted, and what stays: mail history outlives both."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

ROWS = """
INSERT INTO "User" (id, email, "updatedAt") VALUES
    ('u-customer', 'customer@x.example', now()), ('u-agent', 'agent@x.example', now());
INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId") VALUES ('a', 'u-customer', 'o', 'g', '1');
INSERT INTO "Session" (id, "sessionToken", "userId", expires) VALUES ('s', 's', 'u-customer', now());
INSERT INTO "Ticket" (id, title, description, category, "createdById", "assignedToId", "updatedAt")
    VALUES ('t-one', 'a', 'a', 'billing', 'u-customer', 'u-agent', now());
INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    VALUES ('c-one', 'a', 't-one', 'u-customer', now()), ('c-two', 'b', 't-one', 'u-agent', now());
INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description)
    VALUES ('l-one', 't-one', 'u-customer', 'created', 'Ticket created: a');
INSERT INTO mail.note (ticket_number, person_number, text, reason)
    SELECT t.number, p.number, 'kept', 'test' FROM mail.ticket t, mail.person p WHERE p.user_id = 'u-customer';
"""
COUNTS = """
SELECT (SELECT count(*) FROM "Ticket"), (SELECT count(*) FROM "Comment"), (SELECT count(*) FROM "TicketActivity"),
       (SELECT count(*) FROM "Account"), (SELECT count(*) FROM "Session")
"""

# Who or what is deleted, and how many tickets, comments, activities, logins and sessions are left.
DELETIONS = (
    ("DELETE FROM \"User\" WHERE id = 'u-customer'", (0, 0, 0, 0, 0)),
    ("DELETE FROM \"User\" WHERE id = 'u-agent'", (1, 1, 1, 1, 1)),
    ('DELETE FROM "Ticket"', (0, 0, 0, 1, 1)),
    ("DELETE FROM \"Comment\" WHERE id = 'c-one'", (1, 1, 1, 1, 1)),
)


@pytest.fixture
def desk(session: Session) -> Session:
    """A session with a customer, an agent, a ticket of theirs and a note on it."""
    session.execute(text(ROWS))
    return session


@pytest.mark.parametrize(("statement", "left"), DELETIONS)
def test_what_hangs_on_a_deleted_row_goes_along(desk: Session, statement: str, left: tuple[int, ...]) -> None:
    desk.execute(text(statement))

    assert tuple(desk.execute(text(COUNTS)).one()) == left


def test_a_deleted_agents_tickets_stay_without_one(desk: Session) -> None:
    desk.execute(text("DELETE FROM \"User\" WHERE id = 'u-agent'"))

    assert desk.execute(text('SELECT "assignedToId" FROM "Ticket"')).scalar_one() is None


def test_the_loss_of_an_agent_is_an_event(desk: Session) -> None:
    desk.execute(text("DELETE FROM \"User\" WHERE id = 'u-agent'"))

    lost = desk.execute(text("SELECT old, new FROM mail.event WHERE field = 'assignee'")).one()

    assert tuple(lost) == ("u-agent", None)


def test_mail_history_outlives_the_customer(desk: Session) -> None:
    desk.execute(text("DELETE FROM \"User\" WHERE id = 'u-customer'"))

    row = desk.execute(
        text(
            "SELECT n.text, t.ticket_id, p.user_id FROM mail.note n JOIN mail.ticket t ON t.number = n.ticket_number "
            "JOIN mail.person p ON p.number = n.person_number"
        )
    ).one()

    assert tuple(row) == ("kept", None, None)


def test_somebody_with_tickets_of_their_own_can_be_deleted(desk: Session) -> None:
    desk.execute(text('UPDATE "Ticket" SET "assignedToId" = "createdById"'))

    desk.execute(text("DELETE FROM \"User\" WHERE id = 'u-customer'"))

    assert desk.scalar(text('SELECT count(*) FROM "Ticket"')) == 0


def test_a_number_is_never_given_again(desk: Session) -> None:
    before = desk.scalar(text("SELECT max(number) FROM mail.ticket"))
    desk.execute(text('DELETE FROM "Ticket"'))

    desk.execute(
        text(
            'INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt") '
            "VALUES ('t-one', 'a', 'a', 'billing', 'u-customer', now())"
        )
    )

    assert desk.scalar(text("SELECT number FROM mail.ticket WHERE ticket_id = 't-one'")) == before + 1
