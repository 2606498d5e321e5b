"""What all tables share: metadata, names of constraints, column types and the claim columns of the three queues."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Computed,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    any_,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "mail"

# These are the names that PostgreSQL and Prisma give by themselves.
NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """Every table of the desk: SupportDesk's own in `public`, ours in `mail`."""

    metadata = MetaData(naming_convention=NAMING)


def table_of(mapped: type[Base]) -> Table:
    """The table of a mapped class: statements on it cost a third of those on the class, on the path of every mail."""
    return cast("Table", mapped.__table__)


def among(numbers: Iterable[int]) -> ColumnElement[Any]:
    """What a column is compared with by `==` to be one of these numbers.

    They are one array: a statement takes no more than 65,535 single values, and its text is the same for any count.
    """
    return any_(literal(list(numbers), ARRAY(BigInteger)))


def utc_millis(value: datetime) -> datetime:
    """A time as Prisma's columns keep it: in UTC, in milliseconds, without zone.

    Raises ValueError for a time without zone, of which nobody knows what it means.
    """
    if value.tzinfo is None:
        message = f"a time without zone cannot be stored: {value.isoformat()}"
        raise ValueError(message)
    utc = value.astimezone(UTC).replace(tzinfo=None)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


class UtcMillis(TypeDecorator[datetime]):
    """Prisma's TIMESTAMP(3): aware UTC in Python, naive UTC with milliseconds in the database."""

    impl = TIMESTAMP(precision=3)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert it to naive UTC in milliseconds; ValueError for a value without zone."""
        return None if value is None else utc_millis(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark it as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


# Two other ways to write `fate IS NULL`. The planner does not take an index with the condition UNDECIDED for the index
# by which a queue is read in order. No index has the condition OPEN, so a row whose id is known is found by its id; the
# planner, whose statistics may be of an empty queue, would otherwise search all rows that wait.
UNDECIDED = "coalesce(fate, '') = ''"
OPEN = "num_nulls(fate) = 1"

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Number = Annotated[int, mapped_column(BigInteger)]
String = Annotated[str, mapped_column(Text)]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Now = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]


def folded(column: str) -> str:
    """SQL for one form of all spellings of an address that usually reach one person, as desk.gate.caps.fold has it."""
    lowered = f'lower({column} COLLATE "C")'
    local = f"regexp_replace({lowered}, '@[^@]*$', '')"
    bare = f"coalesce(nullif(replace(split_part({local}, '+', 1), '.', ''), ''), {local})"
    return f"{bare} || '@' || regexp_replace({lowered}, '^.*@', '')"


def folded_address(column: str) -> Computed:
    """A column with the folded form of the address in another column, kept by the database."""
    return Computed(folded(column), persisted=True)


class Claimable:
    """The columns of a queue's row: who has claimed it, until when, and how it ended.

    A row without `fate` is work; `claimed_by` is the token of its claim (docs/architecture.md#queues-claims-and-bells).
    """

    due_at: Mapped[Now]
    claimed_by: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claimed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claimed_alone: Mapped[bool] = mapped_column(server_default=text("false"))
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    fate: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
