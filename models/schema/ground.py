"""What stands in the way of a desk in a database: another program's schema `mail`, and rights that its role lacks."""

from sqlalchemy import Connection, text

from models.db.base import SCHEMA
from models.schema.adoption import TABLE_NAMES

# Ours is empty, as a first upgrade that was ended leaves it, or has nothing but the list of revisions, empty, as a
# downgrade leaves it; else it has the table in which the adoption is noted.
_IS_FOREIGN = text("""
SELECT NOT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass('mail.adoption') AND attname = 'only_row'
) AND (
    EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(:desk) AND relname !~ '^alembic_version')
    OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = to_regnamespace(:desk))
    OR EXISTS (SELECT FROM pg_type WHERE typnamespace = to_regnamespace(:desk) AND typrelid = 0 AND typelem = 0)
)
""")
_HAS_REVISIONS = text("SELECT to_regclass('mail.adoption') IS NULL AND to_regclass('mail.alembic_version') IS NOT NULL")
_REVISION = text("SELECT EXISTS (SELECT FROM mail.alembic_version)")

# Triggers and foreign keys need the owner, whatever else is granted.
_OTHERS = text("""
SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace('public') AND c.relkind IN ('r', 'p')
AND c.relname = ANY (:tables) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1
""")
_MAY_CREATE = text("""
SELECT has_database_privilege(current_database(), 'CREATE') AS schemas,
    has_schema_privilege('public', 'CREATE') AS tables
""")

FOREIGN = (
    "The database has a schema mail that another program made; the desk keeps its own tables in a schema of that name. "
    "Give the desk a database without it."
)


class GroundRefused(Exception):
    """A desk cannot be made in the database, or taken down; the message says why, and nothing was changed.

    Trying again helps only after a person has changed the database or its rights.
    """


def check_schema(connection: Connection) -> None:
    """Raise GroundRefused where the schema `mail` is another program's."""
    foreign = bool(connection.scalar(_IS_FOREIGN, {"desk": SCHEMA}))
    # Another program that Alembic migrates may have its revision there, and nothing else yet.
    if foreign or (connection.scalar(_HAS_REVISIONS) and connection.scalar(_REVISION)):
        raise GroundRefused(FOREIGN)


def check_rights(connection: Connection) -> None:
    """Raise GroundRefused where a first upgrade would stop half way, for the role is not the owner of the tables."""
    may = connection.execute(_MAY_CREATE).one()
    if not may.schemas:
        raise GroundRefused(
            "The database's role may not create a schema here; let it own the database, or grant it that."
        )
    if not may.tables:
        raise GroundRefused("The database's role may not create anything in the schema public; grant it that.")
    others = connection.scalars(_OTHERS, {"tables": sorted(TABLE_NAMES)}).all()
    if others:
        raise GroundRefused(
            f"The database's role is not the owner of SupportDesk's tables ({', '.join(others)}), on which the desk "
            "needs triggers: upgrade with the role that the web application migrates with."
        )
