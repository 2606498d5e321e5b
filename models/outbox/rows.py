"""The outbox: every mail that goes out, rendered, with its fate and with the right to answer that its token grants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Text,
    func,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.tokens import Grant, ReplyKind
from models.db.base import OPEN, SCHEMA, Base, Claimable, Key, Moment, Now, String, folded_address
from models.db.claims import Claimed, Queue
from models.db.statement import Statement, any_of


class OutboxRow(Claimable, Base):
    """One mail to one recipient; `kind` says what an answer to its signed address becomes.

    Boundary, Date and Message-ID are fixed when the row is written, so sending it again repeats the bytes.
    `listed` is what it lists or shows, in order, and how that goes on (models/events/outcomes.py::listed_to_json).
    `may_stop` says that its reader takes part in another's ticket, and by `#stop` no longer.
    `suggested` are the earlier answers that it shows, each by the number of its ticket and the id of its comment.
    `to_stranger` is an answer of a program to an address that is only claimed and was never written to before. From
    `retried_at`, when an admin last had the mail sent again, its age is counted.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("fate IN ('sent', 'failed', 'held')", name="fate"),
        CheckConstraint("kind IN ('public', 'note', 'none', 'confirm', 'waiting')", name="kind"),
        Index("outbox_due_idx", "due_at", postgresql_where=sql("fate IS NULL")),
        Index(None, "correspondent", "written_at"),
        Index("outbox_to_stranger_idx", "written_at", postgresql_where=sql("to_stranger")),
        Index(None, "ticket_number"),
        Index(None, "person_number"),
        # What came of an event, also before the event is deleted.
        Index("outbox_event_idx", "event_id", postgresql_where=sql("event_id IS NOT NULL")),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    template: Mapped[String]
    kind: Mapped[String]
    mailbox: Mapped[String]
    event_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.event.id"))
    ticket_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    role: Mapped[String]
    recipient: Mapped[String]
    recipient_name: Mapped[String]
    sender: Mapped[String]
    sender_name: Mapped[String]
    reply_to: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[String]
    text: Mapped[String]
    html: Mapped[String]
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    in_reply_to: Mapped[str | None] = mapped_column(Text)
    references: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    auto_submitted: Mapped[str | None] = mapped_column(Text)
    dated: Mapped[Moment]
    token_expires_at: Mapped[Moment]
    spent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    correspondent: Mapped[str | None] = mapped_column(Text, folded_address("recipient"))
    suggested: Mapped[list[Any] | None] = mapped_column(JSONB)
    to_stranger: Mapped[bool] = mapped_column(server_default=sql("false"))
    listed: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    may_stop: Mapped[bool] = mapped_column(server_default=sql("false"))
    written_at: Mapped[Now]
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OutboxFile(Base):
    """A file or inline image of an outgoing mail, by reference to its blob."""

    __tablename__ = "outbox_file"
    __table_args__ = (Index(None, "sha256"), {"schema": SCHEMA})

    outbox_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mail.outbox.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[String]
    content_id: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary, ForeignKey("mail.blob.sha256"))


# A claim is of the mailboxes that one server sends for. Mails about a ticket reach a recipient in their order.
OUTBOX = Queue("mail.outbox", order="q.due_at, q.id", along=("ticket_number", "recipient"), lane="mailbox")

# Statements on the path of every mail are made once, as text.
# Attempts of locked mails, and when the next of each is due.
_COUNT = Statement("""
UPDATE mail.outbox SET attempts = attempts + made.more, due_at = made.due
FROM unnest(CAST(:ids AS bigint[]), CAST(:more AS integer[]), CAST(:due AS timestamptz[])) AS made (id, more, due)
WHERE outbox.id = made.id
""")
# An attempt that was recorded and never made.
_UNCOUNT = Statement(f"""
UPDATE mail.outbox SET attempts = greatest(attempts - 1, 0), due_at = now()
WHERE id = :id AND claimed_by = :token AND {OPEN}
""")
# The fate of a mail; its claim ends with it.
_SETTLE = Statement("""
UPDATE mail.outbox SET fate = CAST(:fate AS text), reason = :reason, decided_at = now(),
    sent_at = CASE WHEN CAST(:fate AS text) = 'sent' THEN now() ELSE sent_at END,
    claimed_by = NULL, claimed_until = NULL
WHERE id = :id
""")
# The same, where the mail is ours still.
_SETTLE_OURS = Statement(f"""
UPDATE mail.outbox SET fate = CAST(:fate AS text), reason = :reason, decided_at = now(),
    sent_at = CASE WHEN CAST(:fate AS text) = 'sent' THEN now() ELSE sent_at END,
    claimed_by = NULL, claimed_until = NULL
WHERE id = :id AND claimed_by = :token AND {OPEN}
RETURNING id
""")
# The same of several that the server took, each with its own answer; in the order of their ids, as all lock them.
SETTLE_SENT = Statement("""
WITH taken AS (
    SELECT o.id, t.reason
    FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS uuid[]), CAST(:reasons AS text[])) AS t (id, token, reason)
    JOIN mail.outbox o ON o.id = t.id AND o.claimed_by = t.token
    WHERE num_nulls(o.fate) = 1
    ORDER BY o.id FOR UPDATE OF o
)
UPDATE mail.outbox SET fate = 'sent', reason = taken.reason, decided_at = now(), sent_at = now(),
    claimed_by = NULL, claimed_until = NULL
FROM taken WHERE outbox.id = taken.id
RETURNING outbox.id
""")
# A mail that waits for its turn goes back into the queue; one that waits longer anyway is due no sooner for that.
_POSTPONE = Statement(f"""
UPDATE mail.outbox SET due_at = greatest(due_at, CAST(:until AS timestamptz)), reason = :reason,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :id AND {OPEN}
""")
# A mail whose attempt failed for now goes back into the queue.
_DEFER = Statement(f"""
UPDATE mail.outbox SET error = :error,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :id AND claimed_by = :token AND {OPEN}
""")
# The columns of a mail `a` of the outbox that its grant is made of, also where it is locked to be sent.
GRANT: Final = """
a.id AS outbox_id, a.kind, a.mailbox, a.ticket_number, a.person_number, a.recipient, a.role AS power,
    a.token_expires_at, a.spent_at, a.listed -> 'tickets' AS rows_of
"""
_GRANTS = Statement(f"SELECT {GRANT} FROM mail.outbox a WHERE a.id = {any_of('ids')}")
FAILED = "failed"
HELD = "held"
SENT = "sent"


def spend(session: Session, ids: Sequence[int]) -> None:
    """Record that others than us have seen the signatures of these mails."""
    seen = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.spent_at.is_(None))
    session.execute(seen.values(spent_at=func.now()))


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a mail that is locked, and when the next would be; one that `was_counted` counts no second time."""

    row: int
    due_at: datetime
    was_counted: bool = False


def count_attempts(session: Session, attempts: Sequence[Attempt]) -> None:
    """Record attempts before they are made."""
    if attempts:
        values = {
            "ids": [one.row for one in attempts],
            "more": [int(not one.was_counted) for one in attempts],
            "due": [one.due_at for one in attempts],
        }
        _COUNT.rows(session, values)


def take_attempts_back(session: Session, rows: Sequence[tuple[Claimed, int]]) -> None:
    """Forget attempts of claimed mails that were recorded and never made: they are due as they were."""
    _UNCOUNT.each(session, [{"id": row, "token": claimed.token} for claimed, row in rows])


def settle_outbox(session: Session, outbox_id: int, fate: str, reason: str | None = None) -> None:
    """Write the fate of an outgoing mail that is locked, or that nobody claimed; this ends its claim."""
    _SETTLE.write(session, {"id": outbox_id, "fate": fate, "reason": reason})


def settle_claimed(session: Session, claimed: Claimed, outbox_id: int, fate: str, reason: str) -> bool:
    """Write the fate of a claimed mail; False where the claim no longer holds, and nothing was written."""
    values = {"id": outbox_id, "token": claimed.token, "fate": fate, "reason": reason}
    return _SETTLE_OURS.one(session, values) is not None


def settle_sent(session: Session, taken: Sequence[tuple[Claimed, int, str]]) -> frozenset[int]:
    """Write that claimed mails were sent, each with the server's answer; the ids of those whose claim still held."""
    values = {
        "ids": [row for _, row, _ in taken],
        "tokens": [claimed.token for claimed, _, _ in taken],
        "reasons": [reason for _, _, reason in taken],
    }
    return frozenset(row.id for row in SETTLE_SENT.rows(session, values))


def postpone(session: Session, outbox_id: int, until: datetime, reason: str) -> None:
    """End the claim on a mail that waits for its turn until then; no attempt is counted."""
    _POSTPONE.write(session, {"id": outbox_id, "until": until, "reason": reason})


def defer(session: Session, claimed: Claimed, outbox_id: int, error: str) -> None:
    """End the claim on a mail whose attempt failed for now; it is due at the time that its attempt recorded."""
    _DEFER.write(session, {"id": outbox_id, "token": claimed.token, "error": error})


def read_grants(session: Session, ids: Sequence[int]) -> dict[int, Grant]:
    """The grants of these mails of the outbox, by row id; an id without a row is left out."""
    if not ids:
        return {}
    return {row.outbox_id: grant_of(row) for row in _GRANTS.rows(session, {"ids": list(ids)})}


def grant_of(row: Row[*tuple[Any, ...]]) -> Grant:
    """The grant in a row with the columns of `GRANT`; its end is in seconds since 1970."""
    return Grant(
        id=row.outbox_id,
        kind=ReplyKind(row.kind),
        mailbox=row.mailbox,
        ticket=row.ticket_number,
        person=row.person_number,
        address=row.recipient,
        role=row.power,
        expires_at=int(row.token_expires_at.timestamp()),
        spent=row.spent_at is not None,
        listed=tuple(row.rows_of or ()),
    )
