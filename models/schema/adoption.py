"""The adoption of a database that SupportDesk's own Prisma made: its check, its record, and what a reset drops."""

from collections.abc import Mapping

from sqlalchemy import CheckConstraint, Connection, func, inspect, select, text, update
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.orm import Mapped, mapped_column

from models.db.base import SCHEMA, Base, Now
from models.schema.additions import additions
from models.schema.catalogue import objects
from models.supportdesk.tables import User

PUBLIC = "public"
_SCRATCH = "supportdesk_expected"

# Not in order of their keys: that would ask for every table of ours, of which some may not be imported yet.
_TABLES = tuple(table for table in User.metadata.tables.values() if table.schema is None)
TABLE_NAMES = frozenset(table.name for table in _TABLES)
ENUM_NAMES = frozenset(
    str(column.type.name) for table in _TABLES for column in table.columns if isinstance(column.type, ENUM)
)
NAMES = TABLE_NAMES | ENUM_NAMES

_PRISMAS_OWN = {"table _prisma_migrations"}

# Prisma's reset of `public` takes our foreign keys along; what stands there afterwards is not of our making.
_MADE_BY_US = """
SELECT NOT adopted AND EXISTS (
    SELECT FROM pg_constraint WHERE conname = 'ticket_ticket_id_fkey' AND conrelid = to_regclass('mail.ticket')
) FROM mail.adoption
"""


class AdoptionRow(Base):
    """The one row that says whether `public` was there before us; what was adopted is never dropped by us."""

    __tablename__ = "adoption"
    __table_args__ = (CheckConstraint("only_row", name="only_row"), {"schema": SCHEMA})

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    adopted: Mapped[bool]
    since: Mapped[Now]


class DatabaseDiffers(Exception):
    """SupportDesk's tables are in the database, but not as Prisma makes them; `differences` has a sentence for each.

    Nothing was changed. Trying again helps only after a person has brought the database and SupportDesk together.
    """

    def __init__(self, differences: tuple[str, ...]) -> None:
        super().__init__(" ".join(differences))
        self.differences = differences


def check_adoptable(connection: Connection) -> bool:
    """Say whether there is something to adopt; raise DatabaseDiffers where it is not what we know."""
    actual = objects(connection, PUBLIC, NAMES)
    if not actual:
        return False
    check_known(connection)
    return True


def check_known(connection: Connection) -> tuple[str, ...]:
    """Raise DatabaseDiffers unless `public` holds SupportDesk's tables and enums as Prisma makes them.

    Returns a sentence for each thing that the web application has added and that changes nothing for us.
    """
    wanted, actual = expected(connection), objects(connection, PUBLIC, NAMES)
    added = additions(wanted, actual)
    missing = [f"The {name} is missing." for name in sorted(wanted.keys() - actual.keys())]
    foreign = [f"The {name} is not SupportDesk's." for name in sorted(actual.keys() - wanted.keys() - added)]
    changed = [
        f"The {name} is `{actual[name]}`, it must be `{wanted[name]}`."
        for name in sorted(wanted.keys() & actual.keys() - added)
        if actual[name] != wanted[name]
    ]
    if missing or foreign or changed:
        raise DatabaseDiffers((*missing, *foreign, *changed))
    tables = objects(connection, PUBLIC, None).keys() - actual.keys()
    others = {name for name in tables if name.startswith("table ")} - _PRISMAS_OWN
    return tuple(f"The {name} {_what_is_added(name, wanted, actual)}" for name in sorted(added | others))


def _what_is_added(name: str, wanted: Mapping[str, str], actual: Mapping[str, str]) -> str:
    if name not in wanted:
        return "is not SupportDesk's; it changes nothing here."
    values = set(actual[name].split(", ")) - set(wanted[name].split(", "))
    return f"has values that we do not know, which are handled as their neighbours: {', '.join(sorted(values))}."


def expected(connection: Connection) -> dict[str, str]:
    """SupportDesk's objects as the models say, read from a scratch schema that is rolled back at once."""
    with connection.begin_nested() as savepoint:
        connection.execute(text(f"CREATE SCHEMA {_SCRATCH}"))
        connection.execute(text(f"SET LOCAL search_path = {_SCRATCH}"))
        User.metadata.create_all(connection, tables=_TABLES, checkfirst=False)
        found = objects(connection, _SCRATCH)
        savepoint.rollback()
    return found


def made_by_us(connection: Connection) -> bool:
    """True where SupportDesk's tables are of our making; where nobody knows they are another program's."""
    if not inspect(connection).has_table(AdoptionRow.__tablename__, schema=SCHEMA):
        return False
    return bool(connection.scalar(text(_MADE_BY_US)))


def was_adopted(connection: Connection) -> bool:
    """True where SupportDesk's tables were there before us, or are not of our making any more."""
    return bool(connection.scalar(select(AdoptionRow.adopted)))


def remember_adopted(connection: Connection) -> None:
    """Note that `public` is another program's: it was made anew by Prisma since."""
    connection.execute(update(AdoptionRow).where(~AdoptionRow.adopted).values(adopted=True, since=func.now()))


def drop_desk(connection: Connection) -> None:
    """Drop `mail` with all it holds, and SupportDesk's tables with their rows where we made them."""
    ours = made_by_us(connection)
    # The triggers in `public` go with their functions.
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    if not ours:
        return
    connection.execute(text(f"DROP TABLE IF EXISTS {_quoted(TABLE_NAMES)}"))
    connection.execute(text(f"DROP TYPE IF EXISTS {_quoted(ENUM_NAMES)}"))


def _quoted(names: frozenset[str]) -> str:
    return ", ".join(f'public."{name}"' for name in sorted(names))
