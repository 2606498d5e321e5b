"""The repair after `prisma migrate reset`: everything of ours is back, history stays, numbers go on."""

import pytest
from sqlalchemy import Engine, text

from models.schema.adoption import DatabaseDiffers, made_by_us
from models.schema.catalogue import guards
from models.schema.metadata import SUPPORTDESK, metadata
from models.schema.repair import damage, repair
from worker.admin import migrate

DROP_PUBLIC = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"

FOUND = (
    "the foreign key ticket_ticket_id_fkey",
    "the foreign key person_user_id_fkey",
    "the trigger supportdesk_user",
    "the trigger supportdesk_ticket",
    "the trigger supportdesk_comment",
)

USER = """INSERT INTO "User" (id, email, "updatedAt") VALUES ('{id}', '{id}@x.example', now())"""
TICKET = """
INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
VALUES ('{id}', 'a', 'a', 'billing', '{user}', now())
"""


@pytest.fixture
def remade(fresh_engine: Engine) -> Engine:
    """A desk with a history whose `public` Prisma has made anew, with one new person and one new ticket in it."""
    with fresh_engine.begin() as connection:
        connection.execute(text(USER.format(id="u-old")))
        connection.execute(text(TICKET.format(id="t-old", user="u-old")))
        connection.execute(text("INSERT INTO mail.note (ticket_number, text, reason) VALUES (1001, 'kept', 'test')"))
        connection.execute(text(DROP_PUBLIC))
        metadata.create_all(connection, tables=SUPPORTDESK)
        connection.execute(text(USER.format(id="u-new")))
        connection.execute(text(TICKET.format(id="t-new", user="u-new")))
    return fresh_engine


def test_a_whole_desk_has_no_damage(engine: Engine) -> None:
    with engine.begin() as connection:
        found = damage(connection)

    assert found == ()


def test_what_the_reset_took_is_named(remade: Engine) -> None:
    with remade.begin() as connection:
        found = damage(connection)

    assert found == FOUND


def test_a_switched_off_trigger_is_damage(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text('ALTER TABLE "Ticket" DISABLE TRIGGER supportdesk_ticket'))

        found = damage(connection)

    assert found == ("the trigger supportdesk_ticket",)


def test_a_switched_off_trigger_is_switched_on(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text('ALTER TABLE "Ticket" DISABLE TRIGGER supportdesk_ticket'))

        repair(connection)

        assert damage(connection) == ()


def test_repair_puts_back_everything(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)

        assert damage(connection) == ()


def test_repaired_triggers_are_those_of_a_new_desk(remade: Engine, engine: Engine) -> None:
    with engine.begin() as connection:
        new = guards(connection, "public")

    with remade.begin() as connection:
        repair(connection)

        assert guards(connection, "public") == new


def test_repair_lets_go_of_vanished_rows_and_numbers_new_ones(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)

        tickets = connection.execute(text("SELECT number, ticket_id FROM mail.ticket ORDER BY number")).all()
        people = connection.execute(text("SELECT number, user_id FROM mail.person ORDER BY number")).all()
    assert [tuple(row) for row in tickets] == [(1001, None), (1002, "t-new")]
    assert [tuple(row) for row in people] == [(1, None), (2, "u-new")]


def test_repair_says_what_it_did(remade: Engine) -> None:
    with remade.begin() as connection:
        done = repair(connection)

    assert (done.put_back, done.tickets_released, done.people_released) == (FOUND, 1, 1)
    assert (done.tickets_numbered, done.people_numbered) == (1, 1)


def test_history_outlives_the_reset(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)

        assert connection.scalar(text("SELECT text FROM mail.note WHERE ticket_number = 1001")) == "kept"


def test_new_tickets_after_the_repair_are_numbered_and_announced(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)
        before = connection.scalar(text("SELECT count(*) FROM mail.event"))

        connection.execute(text(TICKET.format(id="t-next", user="u-new")))

        number = connection.scalar(text("SELECT number FROM mail.ticket WHERE ticket_id = 't-next'"))
        assert number == 1003
        assert connection.scalar(text("SELECT count(*) FROM mail.event")) == before + 1


def test_a_second_repair_finds_nothing_to_do(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)

        again = repair(connection)

    assert (again.put_back, again.tickets_released, again.tickets_numbered) == ((), 0, 0)


def test_what_prisma_made_anew_is_no_longer_ours_to_drop(remade: Engine) -> None:
    with remade.begin() as connection:
        repair(connection)

        assert not made_by_us(connection)


def test_a_downgrade_without_a_repair_keeps_what_prisma_made_anew(remade: Engine) -> None:
    migrate.downgrade(remade, "base")

    with remade.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 1


def test_a_reset_without_a_repair_keeps_what_prisma_made_anew(remade: Engine) -> None:
    migrate.reset(remade)

    with remade.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 1


def test_repair_refuses_while_supportdesks_tables_are_not_there(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text(DROP_PUBLIC))

    with fresh_engine.begin() as connection, pytest.raises(DatabaseDiffers) as raised:
        repair(connection)

    assert "The table Ticket is missing." in raised.value.differences
