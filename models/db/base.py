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
    """The right side of a comparison with a column that is to be one of these numbers.

    They are one array, for a statement takes no more than 65,535 single values, and its text is the same for any count.
    """
    return any_(literal(list(numbers), ARRAY(BigInteger)))


def utc_millis(value: datetime) -> datetime:
    """A time as Prisma's columns keep it: in UTC, in milliseconds, without zone.

    Raises ValueError for one without zone, for nobody knows what it means.
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
        """Take the zone off; a naive value is refused, for nobody knows what it means."""
        return None if value is None else utc_millis(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


# Two other ways to say `fate IS NULL`. An index whose condition is UNDECIDED is not taken by the planner for the one by
# which a queue is walked. No index has OPEN, so that a row whose id is known is not sought among all that wait, of
# which the planner, when it last looked, may have seen none.
UNDECIDED = "coalesce(fate, '') = ''"
OPEN = "num_nulls(fate) = 1"

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Number = Annotated[int, mapped_column(BigInteger)]
String = Annotated[str, mapped_column(Text)]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Now = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]


def folded_address(column: str) -> Computed:
    """One form for all spellings that usually reach one person, kept by the database as desk.caps.fold makes it."""
    lowered = f'lower({column} COLLATE "C")'
    local = f"regexp_replace({lowered}, '@[^@]*$', '')"
    bare = f"coalesce(nullif(replace(split_part({local}, '+', 1), '.', ''), ''), {local})"
    return Computed(f"{bare} || '@' || regexp_replace({lowered}, '^.*@', '')", persisted=True)


class Claimable:
    """The columns by which a row is a piece of work: who has it, until when, and how it ended.

    A row without `fate` is work; `claimed_by` is the token of who does it
    (docs/architecture.md#queues-claims-and-bells).
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
