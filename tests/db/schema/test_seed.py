"""The example data: complete, true to SupportDesk's conventions, planted once and silently."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from desk.ticket import Category, Priority, Status
from models.events.triggers import mark
from models.people.staff import list_staff
from models.schema.examples import PlantResult, plant
from seed.people import people
from seed.tickets import tickets

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

# The web app's words for what happened.
CONVENTIONS = re.compile(
    r"created: Ticket created: .+|commented: Added a comment|updated: Ticket (un)?assigned"
    r"|updated: Status changed from (open|in_progress|resolved|closed) to (open|in_progress|resolved|closed)"
    r"|updated: Priority changed from (low|medium|high) to (low|medium|high)"
)

COUNTS = """
SELECT (SELECT count(*) FROM "User"), (SELECT count(*) FROM "Ticket"), (SELECT count(*) FROM mail.staff),
       (SELECT count(*) FROM mail.participant)
"""

# Sentences that are true of every example ticket; each statement counts those of which it is not.
WRONG = (
    "SELECT count(*) FROM \"Ticket\" WHERE (status IN ('resolved', 'closed')) <> (\"resolvedAt\" IS NOT NULL)",
    'SELECT count(*) FROM "Ticket" WHERE (status = \'closed\') <> ("closedAt" IS NOT NULL)',
    'SELECT count(*) FROM "Ticket" WHERE "closedAt" < "resolvedAt" OR "resolvedAt" < "createdAt"',
    'SELECT count(*) FROM "Ticket" WHERE "updatedAt" < "createdAt" OR "updatedAt" > \'2026-11-22 12:00\'',
    'SELECT count(*) FROM "Comment" c JOIN "Ticket" t ON t.id = c."ticketId" WHERE c."createdAt" > t."updatedAt"',
    """SELECT count(*) FROM "Ticket" t WHERE (SELECT count(*) FROM "Comment" c WHERE c."ticketId" = t.id)
    <> (SELECT count(*) FROM "TicketActivity" a WHERE a."ticketId" = t.id AND a.action = 'commented')""",
    """SELECT count(*) FROM "Ticket" t WHERE NOT EXISTS (SELECT FROM "TicketActivity" a WHERE a."ticketId" = t.id
    AND a.action = 'created' AND a.description = 'Ticket created: ' || t.title)""",
    "SELECT count(*) FROM \"User\" WHERE id !~ '^c[0-9a-z]{24}$'",
    "SELECT count(*) FROM \"Ticket\" WHERE id !~ '^c[0-9a-z]{24}$'",
    "SELECT count(*) FROM \"Comment\" WHERE id !~ '^c[0-9a-z]{24}$'",
    "SELECT count(*) FROM \"TicketActivity\" WHERE id !~ '^c[0-9a-z]{24}$'",
    "SELECT count(*) FROM \"User\" WHERE email !~ '[.]example$'",
)


@pytest.fixture
def planted(session: Session) -> Session:
    """A session in which the examples were planted."""
    mark(session, quiet=True)
    plant(session, people(NOW), tickets(NOW))
    return session


def test_the_first_planting_says_what_it_put_in(session: Session) -> None:
    planted = plant(session, people(NOW), tickets(NOW))

    assert planted == PlantResult(6, 6, ())


def test_everything_is_there(planted: Session) -> None:
    counts = tuple(planted.execute(text(COUNTS)).one())

    assert counts == (6, 6, 3, 6)


def test_a_second_planting_changes_nothing(planted: Session) -> None:
    before = planted.execute(text('SELECT * FROM "Ticket" ORDER BY id')).all()

    again = plant(planted, people(LATER), tickets(LATER))

    assert again == PlantResult(0, 0, ())
    assert planted.execute(text('SELECT * FROM "Ticket" ORDER BY id')).all() == before


def test_nobody_is_told(planted: Session) -> None:
    count = planted.scalar(text("SELECT count(*) FROM mail.event"))

    assert count == 0


def test_the_staff_is_in_force(planted: Session) -> None:
    members = {member.email: (member.role, member.in_force) for member in list_staff(planted)}

    assert members == {
        "ada@desk.example": ("admin", True),
        "bob@desk.example": ("agent", True),
        "carol@desk.example": ("agent", True),
    }


def test_an_address_that_somebody_has_stops_the_planting(session: Session) -> None:
    session.execute(text("INSERT INTO \"User\" (id, email, \"updatedAt\") VALUES ('x', 'ada@desk.example', now())"))

    planted = plant(session, people(NOW), tickets(NOW))

    assert planted == PlantResult(0, 0, ("ada@desk.example",))
    assert session.scalar(text('SELECT count(*) FROM "User"')) == 1


@pytest.mark.parametrize("wrong", WRONG)
def test_no_row_breaks_a_convention(planted: Session, wrong: str) -> None:
    count = planted.scalar(text(wrong))

    assert count == 0


def test_the_history_is_in_the_web_apps_words(planted: Session) -> None:
    lines = planted.scalars(text("SELECT action || ': ' || description FROM \"TicketActivity\""))

    strange = [line for line in lines if not CONVENTIONS.fullmatch(line)]

    assert strange == []


@pytest.mark.parametrize("kinds", [Status, Priority, Category], ids=["status", "priority", "category"])
def test_each_kind_of_ticket_is_there(kinds: type[Status | Priority | Category]) -> None:
    found = {value for ticket in tickets(NOW) for value in (ticket.status, ticket.priority, ticket.category)}

    assert set(kinds) <= found
