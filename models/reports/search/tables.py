"""The index of the search: a row for each ticket and each person, what waits to be indexed, and how far it reaches.

Nothing here is anybody's only copy: all of it is made again from tickets, comments, notes and people. Nothing refers to
their tables, for that would lock rows that intake waits for.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.db.base import SCHEMA, Base, Key, Now, String

# So many numbers of tickets are looked through at once (models/reports/search/find.py).
BLOCK: Final = 4096
# Without a list of what waits, which each search would read from end to end.
_AT_ONCE = {"fastupdate": "off"}


class SearchedTicket(Base):
    """The words of a ticket that its customer may see, and all of its words where it has notes; both as a tsvector.

    Nobody but staff is shown what `words_for_staff` finds. Beside words both have signs, which no word can be:
    `=word` for each word of the title and of its customer's name and address, `#number`, `/block` of numbers,
    `@customer` and `>assignee` with the id of a "User" row, `>` for nobody.
    """

    __tablename__ = "search"
    __table_args__ = (
        Index("search_words_idx", "words", postgresql_using="gin", postgresql_with=_AT_ONCE),
        Index("search_words_for_staff_idx", "words_for_staff", postgresql_using="gin", postgresql_with=_AT_ONCE),
        {"schema": SCHEMA},
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(TSVECTOR)
    words_for_staff: Mapped[str | None] = mapped_column(TSVECTOR)
    indexed_at: Mapped[Now]


class SearchedPerson(Base):
    """The name and the address of a person as small letters without accents, and each three that stand side by side."""

    __tablename__ = "search_person"
    __table_args__ = (
        Index("search_person_grams_idx", "grams", postgresql_using="gin", postgresql_with=_AT_ONCE),
        {"schema": SCHEMA},
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    letters: Mapped[String]
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))


class SearchDue(Base):
    """A ticket or a person that was changed and is to be indexed anew; triggers write it with each change.

    There may be several of one. They are rows of their own since a change of the index would make a mail wait.
    """

    __tablename__ = "search_due"
    __table_args__ = {"schema": SCHEMA}  # noqa: RUF012  SQLAlchemy's own form

    id: Mapped[Key]
    ticket_number: Mapped[int | None] = mapped_column(BigInteger)
    person_number: Mapped[int | None] = mapped_column(BigInteger)


class SearchReach(Base):
    """The one row that says what is indexed: tickets and people with these numbers and above, and in which languages.

    Whoever writes the index holds it locked. The index is whole where both are 0.
    """

    __tablename__ = "search_reach"
    __table_args__ = (CheckConstraint("only_row", name="only_row"), {"schema": SCHEMA})

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    tickets_from: Mapped[int] = mapped_column(BigInteger)
    people_from: Mapped[int] = mapped_column(BigInteger)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
