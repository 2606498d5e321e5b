"""The triggers: numbers for everything, an event for each change by any program, and who it is put down to."""

import psycopg
import pytest
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.events.triggers import mark

USER = """INSERT INTO "User" (id, email, "updatedAt") VALUES (:id, :id || '@x.example', now())"""
TICKET = """
INSERT INTO "Ticket" (id, title, description, category, "createdById", "assignedToId", "updatedAt")
VALUES (:id, 'Old title', 'Old text', 'billing', 'u-customer', 'u-agent', now())
"""
COMMENT = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
VALUES ('c-one', 'Hello', 't-one', 'u-customer', now())
"""
EVENTS = "SELECT kind, field, old, new FROM mail.event ORDER BY id"

# What is set, and the event that follows: field, old, new.
CHANGES = (
    ("status = 'resolved'", ("status", "open", "resolved")),
    ("priority = 'high'", ("priority", "medium", "high")),
    ("category = 'general_inquiry'", ("category", "billing", "general_inquiry")),
    ('"assignedToId" = NULL', ("assignee", "u-agent", None)),
    ("\"assignedToId\" = 'u-customer'", ("assignee", "u-agent", "u-customer")),
    ("title = 'New title'", ("title", "Old title", "New title")),
    ("description = 'New text'", ("description", None, None)),
)

MAIL = """
WITH box AS (INSERT INTO mail.mailbox (name, address) VALUES ('a', 'a@x.example') RETURNING id)
INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint)
SELECT id, 'INBOX', 1, 1, 1, 'x' FROM box RETURNING id
"""
SHADOW = """
CREATE SCHEMA shadow;
CREATE FUNCTION shadow.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'on' $$;
SET LOCAL search_path = shadow, public, pg_catalog
"""
CURIOUS = "CREATE ROLE curious; GRANT USAGE ON SCHEMA mail TO curious"
CALLABLE = """
SELECT p.proname FROM pg_proc p
WHERE p.pronamespace = 'mail'::regnamespace AND has_function_privilege('curious', p.oid, 'EXECUTE')
"""

WEB_APP_RIGHTS = """
CREATE ROLE web_app;
GRANT USAGE ON SCHEMA public TO web_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO web_app;
SET LOCAL ROLE web_app
"""


@pytest.fixture
def ticket(session: Session) -> Session:
    """A session with one ticket in it and no events."""
    mark(session, quiet=True)
    session.execute(text(USER), [{"id": "u-customer"}, {"id": "u-agent"}])
    session.execute(text(TICKET), {"id": "t-one"})
    session.execute(text("SELECT set_config('supportdesk.quiet', '', true)"))
    return session


def events(session: Session) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(kind, field, old, new) for kind, field, old, new in session.execute(text(EVENTS))]


def test_people_are_numbered(ticket: Session) -> None:
    numbered = list(ticket.scalars(text("SELECT user_id FROM mail.person ORDER BY number")))

    assert numbered == ["u-customer", "u-agent"]


def test_tickets_are_numbered_one_after_the_other(ticket: Session) -> None:
    ticket.execute(text(TICKET), {"id": "t-two"})

    first, second = ticket.scalars(text("SELECT number FROM mail.ticket ORDER BY ticket_id"))

    assert second == first + 1


def test_quiet_changes_are_numbered_but_are_no_events(ticket: Session) -> None:
    mark(ticket, quiet=True)

    ticket.execute(text(TICKET), {"id": "t-two"})
    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed'"))
    ticket.execute(text(COMMENT))

    assert events(ticket) == []
    assert ticket.scalar(text("SELECT count(*) FROM mail.ticket")) == 2


def test_a_new_ticket_is_an_event(ticket: Session) -> None:
    ticket.execute(text(TICKET), {"id": "t-two"})

    assert events(ticket) == [("ticket_opened", None, None, None)]


def test_a_new_comment_is_an_event_of_its_ticket(ticket: Session) -> None:
    ticket.execute(text(COMMENT))

    row = ticket.execute(
        text(
            "SELECT e.kind, e.comment_id, t.ticket_id "
            "FROM mail.event e JOIN mail.ticket t ON t.number = e.ticket_number"
        )
    ).one()

    assert tuple(row) == ("comment_added", "c-one", "t-one")


@pytest.mark.parametrize(("assignment", "expected"), CHANGES)
def test_each_changed_field_is_an_event(
    ticket: Session, assignment: str, expected: tuple[str, str | None, str | None]
) -> None:
    ticket.execute(text(f'UPDATE "Ticket" SET {assignment}'))

    assert events(ticket) == [("ticket_changed", *expected)]


def test_two_changed_fields_are_two_events_of_one_transaction(ticket: Session) -> None:
    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed', priority = 'low'"))

    transactions = set(ticket.scalars(text("SELECT transaction FROM mail.event")))

    assert [field for _, field, _, _ in events(ticket)] == ["status", "priority"]
    assert transactions == {ticket.scalar(text("SELECT pg_current_xact_id()::text::bigint"))}


@pytest.mark.parametrize("assignment", ['"updatedAt" = now()', "status = 'open'", '"resolvedAt" = now()'])
def test_what_changes_nothing_a_person_sees_is_no_event(ticket: Session, assignment: str) -> None:
    ticket.execute(text(f'UPDATE "Ticket" SET {assignment}'))

    assert events(ticket) == []


def test_a_change_of_our_own_names_actor_and_cause_and_is_due_at_once(ticket: Session) -> None:
    actor = ticket.scalar(text("SELECT number FROM mail.person WHERE user_id = 'u-agent'"))
    cause = ticket.scalar(text(MAIL))
    mark(ticket, actor=actor, cause=cause)

    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed'"))

    row = ticket.execute(text("SELECT actor, cause, due_at = now() FROM mail.event")).one()
    assert tuple(row) == (actor, cause, True)


def test_a_change_of_another_program_has_no_actor_and_is_due_three_seconds_later(ticket: Session) -> None:
    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed'"))

    row = ticket.execute(text("SELECT actor, cause, extract(epoch FROM due_at - now())::int FROM mail.event")).one()

    assert tuple(row) == (None, None, 3)


def test_an_actor_that_was_taken_back_is_none(ticket: Session) -> None:
    ticket.execute(text("SELECT set_config('supportdesk.actor', '', true)"))

    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed'"))

    assert ticket.scalar(text("SELECT actor FROM mail.event")) is None


def test_a_role_without_rights_in_mail_can_do_what_the_web_app_does(ticket: Session) -> None:
    ticket.execute(text(WEB_APP_RIGHTS))

    ticket.execute(text(TICKET), {"id": "t-two"})
    ticket.execute(text(COMMENT))
    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed' WHERE id = 't-one'"))
    ticket.execute(text("DELETE FROM \"User\" WHERE id = 'u-agent'"))
    ticket.execute(text("RESET ROLE"))

    kinds = [(kind, field) for kind, field, _, _ in events(ticket)]
    assert kinds[:3] == [("ticket_opened", None), ("comment_added", None), ("ticket_changed", "status")]
    assert kinds[3:] == [("ticket_changed", "assignee")] * 2


@pytest.mark.parametrize(("name", "value", "recorded"), [("quiet", "on", 0), ("quiet", "off", 1), ("quiet", "", 1)])
def test_a_program_without_rights_in_mail_may_be_quiet(ticket: Session, name: str, value: str, recorded: int) -> None:
    ticket.execute(text(WEB_APP_RIGHTS))

    ticket.execute(text(f"SELECT set_config('supportdesk.{name}', '{value}', true)"))
    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed' WHERE id = 't-one'"))
    ticket.execute(text("RESET ROLE"))

    assert len(events(ticket)) == recorded


@pytest.mark.parametrize("name", ["actor", "cause"])
def test_a_program_that_names_nobody_or_no_mail_fails(ticket: Session, name: str) -> None:
    ticket.execute(text(f"SELECT set_config('supportdesk.{name}', '987654', true)"))

    with pytest.raises(IntegrityError):
        ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed' WHERE id = 't-one'"))


@pytest.mark.parametrize("change", ["UPDATE \"Comment\" SET content = 'Other'", 'DELETE FROM "Comment"'])
def test_a_comment_that_is_changed_or_deleted_is_no_event(ticket: Session, change: str) -> None:
    ticket.execute(text(COMMENT))
    before = events(ticket)

    ticket.execute(text(change))

    assert events(ticket) == before


def test_nobody_else_may_call_the_functions_even_with_a_way_into_the_schema(ticket: Session) -> None:
    ticket.execute(text(CURIOUS))

    allowed = list(ticket.scalars(text(CALLABLE)))

    assert allowed == []


def test_a_search_path_of_the_callers_changes_nothing(ticket: Session) -> None:
    ticket.execute(text(SHADOW))

    ticket.execute(text("UPDATE \"Ticket\" SET status = 'closed'"))

    assert events(ticket) == [("ticket_changed", "status", "open", "closed")]


def test_a_commit_rings_the_bell_with_a_constant_text(fresh_engine: Engine, fresh_database: str) -> None:
    plain = make_url(fresh_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as listener:
        listener.execute("LISTEN supportdesk")
        with fresh_engine.begin() as connection:
            _open_two(connection)

        heard = [(notice.channel, notice.payload) for notice in listener.notifies(timeout=2, stop_after=1)]

    assert heard == [("supportdesk", "")]


def test_a_rollback_rings_no_bell(fresh_engine: Engine, fresh_database: str) -> None:
    plain = make_url(fresh_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as listener:
        listener.execute("LISTEN supportdesk")
        with fresh_engine.connect() as connection:
            _open_two(connection)
            connection.rollback()

        heard = list(listener.notifies(timeout=0.3, stop_after=1))

    assert heard == []


def test_two_programs_can_open_tickets_at_once(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text(USER), [{"id": "u-customer"}, {"id": "u-agent"}])

    with fresh_engine.connect() as one, fresh_engine.connect() as other:
        other.execute(text("SET lock_timeout = '2s'"))
        one.execute(text(TICKET), {"id": "t-one"})
        other.execute(text(TICKET), {"id": "t-two"})
        other.commit()
        one.commit()
        numbered = other.scalar(text("SELECT count(DISTINCT number) FROM mail.ticket"))

    assert numbered == 2


def _open_two(connection: Connection) -> None:
    connection.execute(text(USER), [{"id": "u-customer"}, {"id": "u-agent"}])
    connection.execute(text(TICKET), [{"id": "t-one"}, {"id": "t-two"}])
