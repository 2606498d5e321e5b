"""The adoption of a database that Prisma made: rows get numbers, a difference stops it, and `public` stays."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from models.schema.adoption import DatabaseDiffers, made_by_us
from models.schema.catalogue import catalogue, guards
from worker.admin import migrate

# One difference each: the statement that makes it, and the sentence that names it.
DIFFERENCES = (
    (
        'ALTER TABLE "Ticket" ALTER COLUMN title TYPE varchar(200)',
        "The column Ticket.title is `character varying(200) not null`, it must be `text not null`.",
    ),
    (
        'ALTER TABLE "User" ALTER COLUMN "createdAt" TYPE timestamptz',
        (
            "The column User.createdAt is `timestamp with time zone not null default CURRENT_TIMESTAMP`, "
            "it must be `timestamp(3) without time zone not null default CURRENT_TIMESTAMP`."
        ),
    ),
    (
        'ALTER TABLE "Comment" ALTER COLUMN "updatedAt" SET DEFAULT now()',
        (
            "The column Comment.updatedAt is `timestamp(3) without time zone not null default now()`, "
            "it must be `timestamp(3) without time zone not null`."
        ),
    ),
    ('DROP INDEX "Ticket_status_idx"', "The index Ticket_status_idx is missing."),
    ('CREATE UNIQUE INDEX extra ON "Ticket" (title)', "The index extra is not SupportDesk's."),
    ('ALTER TABLE "User" ADD COLUMN phone text NOT NULL', "The column User.phone is not SupportDesk's."),
    (
        'ALTER TABLE "Ticket" ADD CONSTRAINT extra FOREIGN KEY (title) REFERENCES "User" (email)',
        "The foreign key extra is not SupportDesk's.",
    ),
    (
        'ALTER TABLE "VerificationToken" ADD CONSTRAINT extra PRIMARY KEY (token)',
        "The primary key extra is not SupportDesk's.",
    ),
    ('ALTER TABLE "Ticket" DROP COLUMN "closedAt"', "The column Ticket.closedAt is missing."),
    (
        "ALTER TYPE \"TicketStatus\" RENAME VALUE 'closed' TO 'done'",
        (
            "The enum TicketStatus is `open, in_progress, resolved, done`, "
            "it must be `open, in_progress, resolved, closed`."
        ),
    ),
    (
        "ALTER TYPE \"UserRole\" RENAME VALUE 'agent' TO 'helper'",
        "The enum UserRole is `admin, helper, customer`, it must be `admin, agent, customer`.",
    ),
    (
        (
            'ALTER TABLE "Comment" DROP CONSTRAINT "Comment_userId_fkey", ADD CONSTRAINT "Comment_userId_fkey" '
            'FOREIGN KEY ("userId") REFERENCES "User" (id) ON UPDATE CASCADE ON DELETE RESTRICT'
        ),
        (
            "The foreign key Comment_userId_fkey is "
            "`on Comment (userId) references User(id) on update cascade on delete restrict`, "
            "it must be `on Comment (userId) references User(id) on update cascade on delete cascade`."
        ),
    ),
    ('ALTER TABLE "Session" DROP CONSTRAINT "Session_pkey"', "The primary key Session_pkey is missing."),
)

ROWS = """
INSERT INTO "User" (id, email, role, "createdAt", "updatedAt") VALUES
    ('u-late', 'late@x.example', 'customer', '2026-03-01', '2026-03-01'),
    ('u-early', 'early@x.example', 'agent', '2026-01-01', '2026-03-01');
INSERT INTO "Ticket" (id, title, description, category, "createdById", "createdAt", "updatedAt") VALUES
    ('t-a-third', 'c', 'c', 'billing', 'u-late', '2026-03-03', '2026-03-03'),
    ('t-c-first', 'a', 'a', 'billing', 'u-late', '2026-03-01', '2026-03-09'),
    ('t-b-second', 'b', 'b', 'billing', 'u-late', '2026-03-02', '2026-03-02');
"""


def schemas(connection: Connection) -> list[str]:
    found = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1"
    return list(connection.scalars(text(found)))


def state(connection: Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return catalogue(connection, "public"), guards(connection, "public")


def test_adopted_rows_are_numbered_by_the_time_they_were_made(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        tickets = connection.execute(text("SELECT number, ticket_id FROM mail.ticket ORDER BY number")).all()
        people = list(connection.scalars(text("SELECT user_id FROM mail.person ORDER BY number")))
    assert [tuple(row) for row in tickets] == [(1001, "t-c-first"), (1002, "t-b-second"), (1003, "t-a-third")]
    assert people == ["u-early", "u-late"]


def test_adoption_announces_nothing(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM mail.event")) == 0


def test_adoption_changes_nothing_that_prisma_sees(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        before = catalogue(connection, "public")

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert catalogue(connection, "public") == before


@pytest.mark.parametrize(("statement", "sentence"), DIFFERENCES)
def test_a_difference_is_named(prisma_engine: Engine, statement: str, sentence: str) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(statement))

    with pytest.raises(DatabaseDiffers) as raised:
        migrate.upgrade(prisma_engine)

    assert sentence in raised.value.differences


def test_a_difference_stops_everything_before_anything_is_changed(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text('DROP INDEX "Ticket_status_idx"'))
        before = state(connection)

    with pytest.raises(DatabaseDiffers):
        migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert (schemas(connection), state(connection)) == (["public"], before)


def test_half_a_supportdesk_is_a_difference(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text('CREATE TABLE "User" (id text PRIMARY KEY)'))

    with pytest.raises(DatabaseDiffers) as raised:
        migrate.upgrade(empty_engine)

    assert "The table Ticket is missing." in raised.value.differences


def test_an_enum_alone_is_a_difference(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TYPE \"UserRole\" AS ENUM ('admin', 'agent', 'customer')"))

    with pytest.raises(DatabaseDiffers) as raised:
        migrate.upgrade(empty_engine)

    assert "The table User is missing." in raised.value.differences


def test_downgrade_never_touches_adopted_tables(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))
        before = state(connection)
    migrate.upgrade(prisma_engine)

    migrate.downgrade(prisma_engine, "base")

    with prisma_engine.begin() as connection:
        assert state(connection) == before
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 3


def test_an_adopted_database_can_be_adopted_again(prisma_engine: Engine) -> None:
    migrate.upgrade(prisma_engine)
    migrate.downgrade(prisma_engine, "base")

    migrate.upgrade(prisma_engine)

    with prisma_engine.begin() as connection:
        assert not made_by_us(connection)


def test_reset_keeps_adopted_tables_and_their_rows(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))
    migrate.upgrade(prisma_engine)

    migrate.reset(prisma_engine)

    with prisma_engine.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 3
        assert connection.scalar(text("SELECT count(*) FROM mail.ticket")) == 3


def test_reset_empties_tables_of_our_making(fresh_engine: Engine) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text(ROWS))

    migrate.reset(fresh_engine)

    with fresh_engine.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 0


def test_reset_of_a_database_without_a_desk_keeps_what_is_there(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))

    migrate.reset(prisma_engine)

    with prisma_engine.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "Ticket"')) == 3


def test_times_of_adopted_rows_are_read_as_utc(prisma_engine: Engine) -> None:
    with prisma_engine.begin() as connection:
        connection.execute(text(ROWS))
        moment = connection.scalar(
            text("SELECT \"createdAt\" AT TIME ZONE 'UTC' FROM \"Ticket\" WHERE id = 't-c-first'")
        )

    assert moment == datetime(2026, 3, 1, tzinfo=UTC)
