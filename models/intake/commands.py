"""`mail.command`: a row for each mail that changed something, and each of its tickets, with the values before."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.commands.taking_back import MINUTES, LastMail
from models.db.base import SCHEMA, Base, Key, Now
from models.db.statement import Statement, any_of


class CommandRow(Base):
    """What one mail changed on one ticket, or off one: `before` has the values before by kind, and words of nobody.

    Of `#cc` it has addresses, with the names of guests, which go with those who ask to be forgotten.
    `owner` is who had the ticket afterwards; `undone_at` is when its author took it back.
    """

    __tablename__ = "command"
    __table_args__ = (
        UniqueConstraint("ledger_id", "ticket_number"),
        Index(None, "ticket_number"),
        Index(None, "person_number", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    ledger_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"))
    person_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    ticket_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    owner: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[Now]
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


# Whether one of `:addresses` was added or taken off by a mail, of which `c` is the row.
NAMED_BY_CC: Final = """
c.before -> 'cc' IS NOT NULL AND EXISTS (
    SELECT FROM unnest(CAST(:addresses AS text[])) AS named (address)
    WHERE c.before -> 'cc' @> jsonb_build_array(jsonb_build_object('added', jsonb_build_array(address)))
        OR c.before -> 'cc' @>
            jsonb_build_array(jsonb_build_object('removed', jsonb_build_array(jsonb_build_array(address))))
)
"""
WHILE: Final = timedelta(minutes=MINUTES)
_ADD: Final = Statement("""
INSERT INTO mail.command (ledger_id, person_number, ticket_number, owner, before)
VALUES (:mail, :person, :ticket, :owner, :before) ON CONFLICT DO NOTHING
""")
_COLUMNS: Final = """
c.id, c.ledger_id AS mail, c.person_number AS person, c.ticket_number AS ticket, now() - c.changed_at AS age,
    c.undone_at IS NOT NULL AS undone, c.owner, c.before
"""
# The last mail of a person, at all, or on one of these tickets, where nothing of theirs is young the last of anybody.
_LAST: Final = Statement(f"""
SELECT {_COLUMNS} FROM mail.command c WHERE c.person_number = :person ORDER BY c.id DESC LIMIT 1
""")
_LAST_ON: Final = Statement(f"""
SELECT {_COLUMNS} FROM mail.command c WHERE c.ticket_number = {any_of("tickets")}
ORDER BY c.person_number = :person AND c.changed_at > now() - CAST(:while AS interval) DESC, c.id DESC LIMIT 1
""")
# What that mail did on other tickets as well.
_OF_MAIL: Final = Statement(f"SELECT {_COLUMNS} FROM mail.command c WHERE c.ledger_id = :mail ORDER BY c.ticket_number")
# Whoever comes second waits here, and sees what the first has done.
_LOCK: Final = Statement(f"SELECT {_COLUMNS} FROM mail.command c WHERE c.id = :id FOR UPDATE")
_MOMENT: Final = Statement("SELECT changed_at FROM mail.command WHERE id = :id")
_UNDONE: Final = Statement("UPDATE mail.command SET undone_at = now() WHERE id = :id")


def keep_before(
    session: Session, *, mail: int, person: int, ticket: int | None, owner: int | None, before: Mapping[str, Any]
) -> None:
    """Keep what a mail, by its ledger id, changed on a ticket, or off one; nothing is written where that is nothing."""
    if before:
        row = {"mail": mail, "person": person, "ticket": ticket, "owner": owner, "before": Jsonb(dict(before))}
        _ADD.write(session, row)


def find_last(session: Session, person: int, tickets: Sequence[int]) -> LastMail | None:
    """The last mail of a person that changed something on one of these tickets, or at all where there are none.

    On a ticket that no mail of theirs has changed lately, it is the last one of anybody.
    """
    values: dict[str, Any] = {"person": person}
    row = (
        _LAST_ON.one(session, values | {"tickets": list(tickets), "while": WHILE})
        if tickets
        else _LAST.one(session, values)
    )
    return _last_mail(row) if row else None


def of_same_mail(session: Session, last: LastMail) -> list[LastMail]:
    """What a mail changed, ticket by ticket."""
    return [_last_mail(row) for row in _OF_MAIL.rows(session, {"mail": last.mail})]


def lock_command(session: Session, last: LastMail) -> LastMail:
    """The same row as it is now, locked; raises LookupError where it is gone."""
    row = _LOCK.one(session, {"id": last.id})
    if row is None:
        raise LookupError(f"There is no row {last.id} in mail.command.")
    return _last_mail(row)


def moment_of(session: Session, last: LastMail) -> datetime:
    """When the mail changed its ticket, in UTC: that of its transaction, which all rows of it have."""
    row = _MOMENT.one(session, {"id": last.id})
    if row is None:
        raise LookupError(f"There is no row {last.id} in mail.command.")
    moment: datetime = row.changed_at
    return moment


def set_undone(session: Session, last: LastMail) -> None:
    """Record that a mail was taken back."""
    _UNDONE.write(session, {"id": last.id})


def _last_mail(row: Any) -> LastMail:
    return LastMail(row.id, row.mail, row.person, row.ticket, row.age, row.undone, row.owner, row.before)
