"""Events that wait to be announced: each change of a ticket by any program, and what the desk itself reports."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.commands.command import CommandAnswer
from desk.notices.events import Alert, DraftAsked, DueReport, EventKind, Quarantined, TooLarge
from desk.notices.held import HeldMail, Receipt
from models.db.base import OPEN, SCHEMA, UNDECIDED, Base, Claimable, Key, Now, Number, String
from models.db.claims import Claimed, Queue, claim_alone, claim_fresh
from models.db.statement import Statement, any_of
from models.events.outcomes import alert_to_json, held_to_json, outcome_to_json


class EventRow(Claimable, Base):
    """One event; all events of one transaction on one ticket are announced together.

    `person_number` is whom an event that is no ticket change is for. `cause` is the mail that made the change.
    `announced_at` of one in quarantine is when the admins were told that it waits there.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("fate IN ('announced', 'parked', 'dropped', 'quarantined')", name="fate"),
        CheckConstraint(
            "kind IN ('ticket_opened', 'ticket_changed', 'comment_added', 'note_added', "
            "'command_answered', 'mail_held', 'report_due', 'mail_too_large', 'quarantine_digest', 'alert', "
            "'mail_unconfirmed', 'answer_waits', 'wait_over', 'customer_told')",
            name="kind",
        ),
        CheckConstraint(
            "field IN ('status', 'priority', 'category', 'assignee', 'title', 'description')", name="field"
        ),
        Index("event_undecided_idx", "id", postgresql_where=text("fate IS NULL")),
        # Its condition is written otherwise than that of the index above: else a claim might read this one.
        Index("event_undecided_transaction_idx", "transaction", postgresql_where=text(UNDECIDED)),
        Index(
            "event_undecided_turn_idx",
            text("(coalesce(ticket_number, - person_number, 0))"),
            "id",
            postgresql_where=text("fate IS NULL"),
        ),
        Index("event_quarantined_idx", "id", postgresql_where=text("fate = 'quarantined'")),
        Index("event_unconfirmed_idx", "person_number", postgresql_where=text("kind = 'mail_unconfirmed'")),
        Index("event_alert_idx", "id", postgresql_where=text("kind = 'alert'")),
        Index(None, "ticket_number"),
        {"schema": SCHEMA},
    )

    id: Mapped[Key]
    transaction: Mapped[Number] = mapped_column(server_default=text("pg_current_xact_id()::text::bigint"))
    kind: Mapped[String]
    ticket_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ticket.number"))
    person_number: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    field: Mapped[str | None] = mapped_column(Text)
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    comment_id: Mapped[str | None] = mapped_column(Text)
    note_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.note.id"))
    actor: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.person.number"))
    cause: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("mail.ledger.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    happened_at: Mapped[Now]
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


# Each ticket has its turn, so that many events of one do not come before the one event of another. What is about no
# ticket has the turn of the person whom it is for, and what the desk reports of itself has one together. The
# sequence is made by a migration alone: of the models, each part of the tables would make it.
EVENTS = Queue("mail.event", turn="coalesce(q.ticket_number, - q.person_number, 0)", turns="mail.event_turn")

# Two announcers that claimed parts of one transaction's events at the same time would wait for each other.
_ONE_CLAIM_AT_A_TIME = Statement("SELECT pg_advisory_xact_lock(hashtextextended('supportdesk announce', 0))")

# Claims, with the same token, all other events of the transactions and tickets of claimed ones. They are found
# transaction by transaction: the planner, which knows little of a queue, would read all that waits. Both conditions say
# that an event has no fate: `coalesce` is UNDECIDED, which the index has, and `num_nulls` is OPEN, which no index has.
_CLAIM_REST = Statement(f"""
UPDATE mail.event e SET claimed_by = :token, claimed_at = now(), claimed_until = now() + :lease,
    claimed_alone = mine.claimed_alone
FROM mail.event mine CROSS JOIN LATERAL (
    SELECT o.id FROM mail.event o
    WHERE coalesce(o.fate, '') = '' AND o.transaction = mine.transaction
        AND o.ticket_number IS NOT DISTINCT FROM mine.ticket_number
        AND (o.claimed_by IS NULL OR o.claimed_until < now())
    OFFSET 0
) AS other
WHERE mine.id = {any_of("ids")} AND NOT other.id = {any_of("ids")}
    AND e.id = other.id AND num_nulls(e.fate) = 1
RETURNING e.id
""")
# The transaction and the ticket of each event, which together make its group.
_READ = Statement(f"SELECT id, transaction, ticket_number FROM mail.event WHERE id = {any_of('ids')}")
# Writes the fate of events that have none, which ends their claim.
_SETTLE = Statement(f"""
UPDATE mail.event SET fate = CAST(:fate AS text), reason = :reason, decided_at = now(), claimed_by = NULL,
    claimed_until = NULL,
    announced_at = CASE WHEN CAST(:fate AS text) = 'announced' THEN now() ELSE announced_at END
WHERE id = {any_of("ids")} AND {OPEN}
""")


@dataclass(frozen=True, slots=True)
class Claims:
    """Events claimed under one token; each of `groups` holds the ids of one transaction on one ticket."""

    claimed: Claimed
    groups: tuple[tuple[int, ...], ...]


def claim_events(session: Session, lease: timedelta, most: int, *, alone: bool = False) -> Claims:
    """Claim up to `most` due events, each with all others of its transaction on its ticket.

    With `alone`, one event whose claim expired or that failed before.
    """
    _ONE_CLAIM_AT_A_TIME.write(session)
    claimed = claim_alone(session, EVENTS, lease) if alone else claim_fresh(session, EVENTS, lease, most)
    if not claimed.ids:
        return Claims(claimed, ())
    rest = _CLAIM_REST.rows(session, {"token": claimed.token, "lease": lease, "ids": list(claimed.ids)})
    whole = Claimed(
        claimed.token, tuple(sorted({*claimed.ids, *(row.id for row in rest)})), claimed.tries, claimed.clock
    )
    groups: dict[tuple[int, int | None], list[int]] = {}
    for row in sorted(_READ.rows(session, {"ids": list(whole.ids)})):
        groups.setdefault((row.transaction, row.ticket_number), []).append(row.id)
    return Claims(whole, tuple(tuple(group) for group in groups.values()))


def add_command_answer(
    session: Session,
    number: int | None,
    person: int,
    outcomes: Sequence[CommandAnswer],
    cause: int | None,
    receipt: Receipt | None = None,
) -> None:
    """Record that a person is to be told the outcome of each of their commands; `number` is the ticket's."""
    details: dict[str, Any] = {"outcomes": [outcome_to_json(outcome) for outcome in outcomes]}
    if receipt is not None:
        details["receipt"] = asdict(receipt)
    _add(session, EventKind.COMMAND_ANSWERED, ticket_number=number, person_number=person, details=details, cause=cause)


def add_draft(session: Session, number: int, person: int, draft: DraftAsked, cause: int) -> None:
    """Record that a person is to get an earlier answer as a draft for the ticket of this number."""
    details = {"draft": asdict(draft)}
    _add(session, EventKind.COMMAND_ANSWERED, ticket_number=number, person_number=person, details=details, cause=cause)


def add_held(session: Session, person: int, held: HeldMail, cause: int) -> None:
    """Record that a member of staff is to be told that a mail of theirs had no effect."""
    _add(session, EventKind.MAIL_HELD, person_number=person, details={"held": held_to_json(held)}, cause=cause)


def add_unconfirmed(session: Session, person: int, held: HeldMail, cause: int) -> None:
    """Record that a member of staff is to be asked whether a mail under their address is theirs."""
    _add(session, EventKind.MAIL_UNCONFIRMED, person_number=person, details={"held": held_to_json(held)}, cause=cause)


def add_answer_waits(
    session: Session, number: int, person: int, until: datetime, comments: Sequence[str], cause: int
) -> None:
    """Record that the author of an answer is to be told that it waits until then, and of these comments' words.

    Only the ids of the comments are kept: what is deleted meanwhile is told to nobody.
    """
    details = {"waits": {"until": until.isoformat(), "comments": list(comments)}}
    _add(session, EventKind.ANSWER_WAITS, ticket_number=number, person_number=person, details=details, cause=cause)


def add_note_event(session: Session, number: int, note: int, actor: int | None, cause: int | None) -> None:
    """Record that who works on a ticket is to be told of a new internal note."""
    _add(session, EventKind.NOTE_ADDED, ticket_number=number, note_id=note, actor=actor, cause=cause)


def add_customer_told(session: Session, number: int, actor: int, cause: int) -> None:
    """Record that the customer of a ticket is to be told of it, which staff opened for them."""
    _add(session, EventKind.CUSTOMER_TOLD, ticket_number=number, actor=actor, cause=cause)


def add_too_large(session: Session, person: int, mail: TooLarge, cause: int) -> None:
    """Record that the sender of a mail is to be told that it was too large."""
    _add(session, EventKind.MAIL_TOO_LARGE, person_number=person, details={"too_large": asdict(mail)}, cause=cause)


def add_quarantine_digest(session: Session, mails: Sequence[Quarantined], unnamed: int = 0) -> None:
    """Record that the admins are to be told of these mails, and of `unnamed` more that were dropped."""
    details = {"quarantined": [asdict(mail) for mail in mails], **({"unnamed": unnamed} if unnamed else {})}
    _add(session, EventKind.QUARANTINE_DIGEST, details=details)


def add_alert(session: Session, alert: Alert, person: int | None = None) -> None:
    """Record that the admins, or this person instead, are to be told of something that they should look at."""
    _add(session, EventKind.ALERT, person_number=person, details={"alert": alert_to_json(alert)})


def add_alert_once(session: Session, alert: Alert, since: datetime, person: int | None = None) -> bool:
    """Record an alert, unless there was one of its key about the same after `since`; False where there was."""
    recent = select(EventRow.id).where(EventRow.kind == EventKind.ALERT, EventRow.happened_at > since)
    stored = EventRow.details["alert"]
    same = recent.where(stored["key"].astext == alert.key, stored["about"] == list(alert.about))
    if session.scalar(same.limit(1)) is not None:
        return False
    add_alert(session, alert, person)
    return True


def add_report(session: Session, report: DueReport, person: int | None = None, cause: int | None = None) -> None:
    """Record that a report is to be made and sent, or only to this person, who asked for it in the mail `cause`."""
    details = {"report": {"name": report.name, "due_at": report.due_at.isoformat()}}
    _add(session, EventKind.REPORT_DUE, person_number=person, details=details, cause=cause)


def _add(session: Session, kind: EventKind, **values: Any) -> None:
    session.execute(insert(EventRow).values(kind=kind, **values))


def settle_events(session: Session, ids: Sequence[int], fate: str, reason: str | None = None) -> None:
    """Write the fate of events, which ends their claim."""
    _SETTLE.write(session, {"ids": list(ids), "fate": fate, "reason": reason})


def park_old_events(session: Session, age: timedelta) -> int:
    """Park the events of more than this age that nobody claimed, since news that old would confuse; their number."""
    too_old = EventRow.happened_at < func.now() - age
    old = update(EventRow).where(EventRow.fate.is_(None), EventRow.claimed_by.is_(None), too_old)
    parked = old.values(fate="parked", reason="It was older than announce_within.", decided_at=func.now())
    return len(session.scalars(parked.returning(EventRow.id)).all())
