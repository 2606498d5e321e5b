"""Bounces: which mail of ours came back, for which address, and what was wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.facts import Reported
from desk.intake.decision import FileBounce
from mail.bounce.failure import Failure
from models.db.base import SCHEMA, Base, Now, String
from models.outbox.rows import OutboxRow

# No bounce of an older mail counts, so no older one has to be known.
KNOWN_FOR = timedelta(days=11)


class BounceRow(Base):
    """One report of a mail server on one of our mails; only those count whose signature of ours was right."""

    __tablename__ = "bounce"
    __table_args__ = (
        CheckConstraint("failure IN ('address', 'mailbox full', 'policy', 'transient', 'other')", name="failure"),
        Index(None, "address", "bounced_at"),
        Index(None, "outbox_id"),
        {"schema": SCHEMA},
    )

    ledger_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"), primary_key=True)
    outbox_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("mail.outbox.id"))
    address: Mapped[String]
    failure: Mapped[String]
    permanent: Mapped[bool]
    status: Mapped[str | None] = mapped_column(Text)
    bounced_at: Mapped[Now]


def add_bounce(session: Session, ledger_id: int, bounce: FileBounce) -> None:
    """Record a report under the mail that it was."""
    row = insert(BounceRow).values(
        ledger_id=ledger_id,
        outbox_id=bounce.outbox,
        address=bounce.address,
        failure=bounce.failure,
        permanent=bounce.permanent,
        status=bounce.status,
    )
    session.execute(row)


def read_failures(session: Session, outbox_ids: Sequence[int], now: datetime) -> tuple[Reported, ...]:
    """What was reported lately of mails to the recipients of these mails of ours, the oldest first.

    Reports on one address wait here for each other, so that each knows those before it.
    """
    if not outbox_ids:
        return ()
    recipients = select(OutboxRow.recipient).where(OutboxRow.id.in_(outbox_ids)).distinct()
    addresses = sorted(session.scalars(recipients))
    for address in addresses:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("bounce " + address, 0))))
    statement = select(BounceRow).where(BounceRow.address.in_(addresses), BounceRow.bounced_at > now - KNOWN_FOR)
    return tuple(
        Reported(row.outbox_id, row.address, Failure(row.failure), row.permanent, row.bounced_at)
        for row in session.scalars(statement.order_by(BounceRow.ledger_id))
    )
