"""What others were told of a mail: whether it is out, and how it is kept from them where it is not.

Who sends a mail of ours locks its row and counts an attempt before it goes (`models/outbox/delivery.py`). What is
locked here without an attempt is nobody's yet, and is sent no more; of the two, one comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from desk.commands.reading.ask import View
from desk.gate.hold import TAKEN_BACK
from desk.notices.events import EventKind
from models.db.statement import Statement, any_of
from models.outbox.rows import HELD

UNTOLD: Final = "Its author took it back before anybody was told."

# The events of a mail on these tickets. Who announces one has it locked until the mails of it are written.
_LOCK_EVENTS: Final = Statement(f"""
SELECT e.id, e.fate, e.kind FROM mail.event e
WHERE e.ticket_number = {any_of("tickets")} AND e.cause = :mail ORDER BY e.id FOR UPDATE
""")
# The mails that tell others than its author of them, in the order in which they are sent.
_LOCK_MAILS: Final = Statement(f"""
SELECT o.id, o.attempts > 0 OR coalesce(o.fate = 'sent', false) AS is_out FROM mail.outbox o
WHERE o.ticket_number = {any_of("tickets")} AND o.event_id = {any_of("events")}
    AND o.person_number IS DISTINCT FROM :author
ORDER BY o.due_at, o.id FOR UPDATE
""")
# Whether the customer of one of these tickets asked for it by mail since, and so read what the mail wrote there.
_SHOWN: Final = Statement(f"""
SELECT EXISTS (
    SELECT FROM mail.ticket t JOIN public."Ticket" d ON d.id = t.ticket_id
    JOIN mail.person p ON p.user_id = d."createdById" AND p.number <> :author
    JOIN mail.outbox o ON o.person_number = p.number JOIN mail.event asked ON asked.id = o.event_id
    WHERE t.number = {any_of("tickets")} AND o.written_at >= (
        SELECT min(e.happened_at) FROM mail.event e WHERE e.ticket_number = {any_of("tickets")} AND e.cause = :mail
    ) AND asked.details @> jsonb_build_object('outcomes', jsonb_build_array(jsonb_build_object(
        'ask', jsonb_build_object('view', '{View.SHOW}', 'ticket', t.number)
    )))
) AS shown
""")
_HOLD: Final = Statement(f"""
UPDATE mail.outbox SET fate = '{HELD}', reason = '{TAKEN_BACK}', decided_at = now(),
    claimed_by = NULL, claimed_until = NULL
WHERE id = {any_of("ids")}
""")
# Who has claimed one of a group finds nothing to do; what is for the author alone is claimed anew.
_DROP: Final = Statement(f"""
UPDATE mail.event SET claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false,
    fate = CASE WHEN kind = '{EventKind.COMMAND_ANSWERED}' THEN fate ELSE 'dropped' END,
    reason = CASE WHEN kind = '{EventKind.COMMAND_ANSWERED}' THEN reason ELSE :untold END,
    decided_at = CASE WHEN kind = '{EventKind.COMMAND_ANSWERED}' THEN decided_at ELSE now() END
WHERE id = {any_of("ids")}
""")
_RECIPIENTS: Final = Statement("SELECT recipients FROM mail.ledger WHERE id = :mail")


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail has led to, locked: events that wait, and mails to others, of which one `is_out`, or none.

    It is out as well where the customer was shown the ticket since. `along` are the addresses of its To and Cc, who got
    the mail itself.
    """

    waiting: tuple[int, ...]
    mails: tuple[int, ...]
    is_out: bool
    along: tuple[str, ...]


def lock_told(session: Session, mail: int, author: int, tickets: Sequence[int]) -> Told:
    """What others were told of what a mail, by ledger id, did on these tickets, or are to be told; all of it locked."""
    events = _LOCK_EVENTS.rows(session, {"tickets": list(tickets), "mail": mail})
    values = {"tickets": list(tickets), "events": [row.id for row in events], "author": author}
    mails = _LOCK_MAILS.rows(session, values)
    along = _RECIPIENTS.one(session, {"mail": mail})
    shown = _SHOWN.one(session, {"tickets": list(tickets), "mail": mail, "author": author})
    return Told(
        waiting=tuple(row.id for row in events if row.fate is None),
        mails=tuple(row.id for row in mails),
        is_out=any(row.is_out for row in mails) or bool(shown and shown.shown),
        along=tuple(along.recipients) if along else (),
    )


def withdraw(session: Session, told: Told) -> None:
    """Keep all of it from everybody; nothing of it may be out."""
    if told.mails:
        _HOLD.write(session, {"ids": list(told.mails)})
    if told.waiting:
        _DROP.write(session, {"ids": list(told.waiting), "untold": UNTOLD})
