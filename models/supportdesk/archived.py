"""The archive: one row for each ticket that has left `public`, and its rows, compressed, in parts of a megabyte."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db.base import SCHEMA, Base, Bytes, Moment, Now, Number, String
from models.db.statement import Statement, any_of


class ArchivedTicket(Base):
    """A ticket in the archive: by what it is found, and what is packed.

    `addresses` are those of all people who are named in it, in comparable form; `people` the numbers of those who are
    persons. `rows` counts the packed rows by table. They take `size` bytes in so many `parts`; `sha256` is of the lines
    before they were packed.
    """

    __tablename__ = "archive"
    __table_args__ = (
        Index("archive_addresses_idx", "addresses", postgresql_using="gin"),
        Index("archive_people_idx", "people", postgresql_using="gin"),
        {"schema": SCHEMA},
    )

    number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[String]
    customer: Mapped[String]
    status: Mapped[String]
    opened_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    archived_at: Mapped[Now]
    addresses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    people: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    rows: Mapped[dict[str, Any]] = mapped_column(JSONB)
    size: Mapped[Number]
    parts: Mapped[int]
    sha256: Mapped[Bytes]


class ArchivePart(Base):
    """A megabyte at most of the packed rows of a ticket; the parts in order are one stream of zlib (RFC 1950)."""

    __tablename__ = "archive_part"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Bytes]


_AMONG = Statement(f"SELECT number FROM mail.archive WHERE number = {any_of('numbers')} ORDER BY number")
_PART = Statement("SELECT content FROM mail.archive_part WHERE number = :number AND position = :position", binary=True)
_WHEN = Statement("SELECT archived_at FROM mail.archive WHERE number = :number")


def archived_among(session: Session, numbers: Collection[int]) -> tuple[int, ...]:
    """Those of these tickets that are in the archive, in rising order."""
    return tuple(row.number for row in _AMONG.rows(session, {"numbers": sorted(numbers)})) if numbers else ()


def archived_since(session: Session, number: int) -> datetime | None:
    """When a ticket went into the archive; None where it is not there."""
    row = _WHEN.one(session, {"number": number})
    return row.archived_at if row else None


def parts_of(session: Session, number: int, parts: int) -> Iterator[bytes]:
    """What is stored of an archived ticket in so many parts, one by one; it ends where one is missing."""
    for position in range(parts):
        row = _PART.one(session, {"number": number, "position": position})
        if row is None:
            return
        yield bytes(row.content)


def only_parts(session: Session, numbers: Collection[int]) -> list[bytes]:
    """The first part of each of these archived tickets, in one round trip; empty where there is none."""
    found = _PART.all_rows(session, [{"number": number, "position": 0} for number in numbers])
    return [bytes(rows[0].content) if rows else b"" for rows in found]
