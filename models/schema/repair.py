"""The repair after Prisma has dropped `public` and made it anew: our triggers, foreign keys and numbers again."""

from dataclasses import dataclass

from sqlalchemy import Connection, ForeignKeyConstraint, Index, text
from sqlalchemy.schema import AddConstraint, CreateIndex

from models.db.base import table_of
from models.events.triggers import TRIGGERS, install, number_adopted
from models.schema.additions import has_twin
from models.schema.adoption import check_known, remember_adopted
from models.schema.metadata import SUPPORTDESK
from models.supportdesk.anchors import PersonAnchor, TicketAnchor
from models.supportdesk.tables import LOOKUP, Ticket, User

_LOCK = "LOCK TABLE mail.ticket, mail.person IN SHARE ROW EXCLUSIVE MODE"

# The rows in `public` are gone, and their numbers stay with the mails that know them.
_RELEASE_TICKETS = """
UPDATE mail.ticket t SET ticket_id = NULL
WHERE t.ticket_id IS NOT NULL AND NOT EXISTS (SELECT FROM public."Ticket" x WHERE x.id = t.ticket_id)
"""
_RELEASE_PEOPLE = """
UPDATE mail.person p SET user_id = NULL
WHERE p.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM public."User" x WHERE x.id = p.user_id)
"""
_COUNT = "SELECT (SELECT count(*) FROM mail.ticket), (SELECT count(*) FROM mail.person)"

_HAS_FOREIGN_KEY = """
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = :name AND conrelid = to_regclass(:table) AND contype = 'f')
"""
_HAS_TRIGGER = """
SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = :name AND tgrelid = to_regclass(:table) AND tgenabled <> 'D')
"""

_FOREIGN_KEYS = tuple(
    key
    for anchor in (TicketAnchor, PersonAnchor)
    for key in sorted(anchor.metadata.tables[f"mail.{anchor.__tablename__}"].foreign_key_constraints, key=str)
    if key.referred_table.schema is None
)

_LOOKUPS = tuple(
    index
    for table in (User, Ticket)
    for index in sorted(table_of(table).indexes, key=lambda index: str(index.name))
    if str(index.name).startswith(LOOKUP)
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did: what it put back, in words, and how many rows it let go and numbered.

    `additions` are sentences about what the web application has added, which changes nothing.
    """

    put_back: tuple[str, ...]
    tickets_released: int
    people_released: int
    tickets_numbered: int
    people_numbered: int
    additions: tuple[str, ...]


def damage(connection: Connection) -> tuple[str, ...]:
    """The names of our triggers and foreign keys that are missing or switched off; empty where all is well."""
    keys = [f"the foreign key {key.name}" for key in _missing_foreign_keys(connection)]
    indexes = [f"the index {index.name}" for index in _missing_indexes(connection)]
    return (*keys, *indexes, *(f"the trigger {name}" for name in _missing_triggers(connection)))


def missing_parts(connection: Connection) -> tuple[str, ...]:
    """What is missing without which no mail can be worked on: tables, foreign keys and triggers, in words."""
    tables = (
        f"the table {table.name}"
        for table in SUPPORTDESK
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": f'public."{table.name}"'}) is None
    )
    keys = (f"the foreign key {key.name}" for key in _missing_foreign_keys(connection))
    return (*tables, *keys, *(f"the trigger {name}" for name in _missing_triggers(connection)))


def repair(connection: Connection) -> Repaired:
    """Put back what is missing, let go of vanished rows and number new ones; sequences are never reset.

    Raises models.schema.adoption.DatabaseDiffers, before anything is changed, where SupportDesk's tables are not there
    as they must be.
    """
    additions = check_known(connection)
    missing, keys = damage(connection), _missing_foreign_keys(connection)
    connection.execute(text(_LOCK))
    tickets, people = (connection.execute(text(release)).rowcount for release in (_RELEASE_TICKETS, _RELEASE_PEOPLE))
    before = connection.execute(text(_COUNT)).one()
    for key in keys:
        connection.execute(AddConstraint(key, isolate_from_table=False))
    for index in _missing_indexes(connection):
        connection.execute(CreateIndex(index))
    drop_doubled(connection)
    install(connection)
    for name, table, _, _ in TRIGGERS:
        connection.execute(text(f'ALTER TABLE public."{table}" ENABLE TRIGGER {name}'))
    number_adopted(connection)
    after = connection.execute(text(_COUNT)).one()
    if keys:
        remember_adopted(connection)
    return Repaired(missing, tickets, people, after[0] - before[0], after[1] - before[1], additions)


def _missing_foreign_keys(connection: Connection) -> tuple[ForeignKeyConstraint, ...]:
    return tuple(
        key
        for key in _FOREIGN_KEYS
        if not connection.scalar(text(_HAS_FOREIGN_KEY), {"name": key.name, "table": key.table.fullname})
    )


def _missing_indexes(connection: Connection) -> tuple[Index, ...]:
    there = connection.scalars(text("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")).all()
    return tuple(index for index in _LOOKUPS if index.name not in there and not has_twin(connection, index))


def drop_doubled(connection: Connection) -> None:
    """Drop an index of ours where the web application has made one that serves as well."""
    for index in _LOOKUPS:
        if has_twin(connection, index):
            connection.execute(text(f'DROP INDEX IF EXISTS public."{index.name}"'))


def _missing_triggers(connection: Connection) -> tuple[str, ...]:
    return tuple(
        name
        for name, table, _, _ in TRIGGERS
        if not connection.scalar(text(_HAS_TRIGGER), {"name": name, "table": f'public."{table}"'})
    )
