"""The mark of a database that a demo made, which is what lets the next demo begin it anew."""

from sqlalchemy import Connection, text

from models.db.base import SCHEMA

MARK = "made by supportdesk demo"

# True where there is neither the desk's schema nor a table or view in `public`.
_IS_EMPTY = text("""
SELECT NOT EXISTS (
    SELECT FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = :desk OR (n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
)
""")


def is_empty(connection: Connection) -> bool:
    """True where the database holds neither a desk nor any table in `public`."""
    return bool(connection.scalar(_IS_EMPTY, {"desk": SCHEMA}))


def is_demo(connection: Connection) -> bool:
    """True where the desk of this database was made by a demo."""
    statement = "SELECT obj_description(to_regnamespace(:desk)::oid, 'pg_namespace')"
    return bool(connection.scalar(text(statement), {"desk": SCHEMA}) == MARK)


def mark_demo(connection: Connection) -> None:
    """Put the mark on the desk's schema as its comment, so that it goes when the schema is dropped."""
    connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{MARK}'"))
