"""How Alembic meets the database: one upgrade at a time, with timeouts, one transaction a migration."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Literal

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateSchema, SchemaItem

from models.db.base import SCHEMA
from models.schema.adoption import check_adoptable
from models.schema.ground import check_rights, check_schema
from models.schema.metadata import metadata

# Any number that no other program uses for an advisory lock; Prisma's is 72707369.
LOCK = 7_364_230_115

# Others' locks are waited for a moment only: while we wait, everybody waits behind us.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"


Parents = MutableMapping[Literal["schema_name", "table_name", "schema_qualified_table_name"], str | None]


def include_name(name: str | None, type_: str, parents: Parents) -> bool:
    """Let through our two schemas, and in `public` SupportDesk's own tables only."""
    if type_ == "schema":
        return name in {None, SCHEMA}
    if type_ == "table" and parents["schema_name"] is None:
        return name in metadata.tables
    return True


def include_object(item: SchemaItem, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    """Never propose to drop a table, nor anything that is in `public` and that our models do not have."""
    if not reflected or compare_to is not None:
        return True
    table = getattr(item, "table", None)
    return type_ != "table" and getattr(table, "schema", None) == SCHEMA


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Hold the advisory lock; a second upgrade waits for the first, up to the statement timeout."""
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.execute(text("RESET lock_timeout"))
        connection.execute(text("RESET statement_timeout"))
        connection.commit()


def prepare(connection: Connection) -> None:
    """Before the first migration: look whether SupportDesk's tables can be adopted, then make our schema."""
    check_schema(connection)
    if not context.get_context().get_current_heads():
        check_rights(connection)
        check_adoptable(connection)
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    connection.commit()


def migrate(connection: Connection) -> None:
    """Run what Alembic was asked for."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with alone(connection):
        prepare(connection)
        with context.begin_transaction():
            context.run_migrations()


given = context.config.attributes.get("connection")
if not isinstance(given, Connection):
    raise SystemExit("Migrations run through the desk's own command: supportdesk db upgrade.")
migrate(given)
