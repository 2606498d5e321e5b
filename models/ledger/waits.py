"""Answers of staff that wait for a word of their author: rows without a fate that are due a little later.

Such a row is work like any other, so what is due is found by every claim, and a process that dies leaves it as it was.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from desk.notices.events import EventKind
from mail.mime.message_ids import id_hash
from models.db.statement import Statement, any_of
from models.ledger.raw import raw_of
from models.ledger.rows import Fate, values_of

A_WHILE = timedelta(seconds=2)

# Ends the claim on a mail that is due again after its wait; what was found of it stands in its row meanwhile.
_LET_WAIT: Final = Statement("""
UPDATE mail.ledger SET waited_at = now(), due_at = now() + :wait, reason = :reason, evidence = :evidence,
    ticket_number = :ticket, person_number = :person, sender = :sender,
    recipients = CAST(:recipients AS text[]), automatic = :automatic,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :row
""")
# A row that is locked is being decided at this moment. Whoever does that waits for the ticket, which is locked here, so
# this must not wait for them.
_MINE: Final = """
SELECT w.id FROM mail.ledger w
WHERE w.id = :row AND coalesce(w.fate, '') = '' AND w.waited_at IS NOT NULL FOR UPDATE SKIP LOCKED
"""
# Makes a mail due at once; who has claimed it goes on with it.
_SEND: Final = Statement(f"UPDATE mail.ledger SET due_at = now() WHERE id = ({_MINE}) RETURNING id")
# Ends the wait without any effect; who has claimed it finds nothing to do.
_DROP: Final = Statement(f"""
UPDATE mail.ledger SET fate = 'not_applied', reason = :reason, decided_at = now(),
    claimed_by = NULL, claimed_until = NULL
WHERE id = ({_MINE}) RETURNING id
""")
# The last answer of a person that waits, on one of these tickets, or on any where there are none.
_LAST_OF: Final = Statement(f"""
SELECT w.id FROM mail.ledger w
WHERE w.fate IS NULL AND w.waited_at IS NOT NULL AND w.person_number = :person
    AND (cardinality(CAST(:tickets AS bigint[])) = 0 OR w.ticket_number = {any_of("tickets")})
ORDER BY w.id DESC LIMIT 1
""")
# Our mail in which the author of a mail that waits was told so.
_TOLD: Final = Statement(f"""
SELECT o.message_id FROM mail.ledger l
JOIN mail.event e ON e.ticket_number = l.ticket_number AND e.kind = '{EventKind.ANSWER_WAITS}' AND e.cause = l.id
JOIN mail.outbox o ON o.ticket_number = e.ticket_number AND o.event_id = e.id
WHERE l.id = :row
""")
# Puts a claimed mail off where an answer to our mail is in the ledger and not decided yet.
_PUT_OFF: Final = Statement("""
UPDATE mail.ledger SET due_at = now() + :while,
    claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :row AND EXISTS (
    SELECT FROM mail.ledger word WHERE coalesce(word.fate, '') = '' AND :told = ANY(word.refers_hashes)
)
RETURNING id
""")


def let_wait(session: Session, row: int, fate: Fate, wait: timedelta) -> None:
    """Have a claimed mail decided again after a while, and keep until then why it waits; its `word` is not kept."""
    _LET_WAIT.write(session, {**values_of(row, fate), "wait": wait})


def put_off_for_word(session: Session, row: int) -> bool:
    """Put a mail off that has waited, for as long as a word of its author may be in the ledger; False where none is.

    After an outage, or behind many mails, the end of the wait must not come before a word that came in time.
    """
    told = _TOLD.one(session, {"row": row})
    if told is None:
        return False
    return _PUT_OFF.one(session, {"row": row, "told": id_hash(told.message_id), "while": A_WHILE}) is not None


def end_wait(session: Session, row: int) -> bool:
    """Make a mail that waits due at once; False where it does not wait any longer."""
    return _SEND.one(session, {"row": row}) is not None


def drop_waiting(session: Session, row: int, reason: str) -> bytes | None:
    """End the wait of a mail without any effect; its bytes, or None where it does not wait any longer."""
    return raw_of(session, row) if _DROP.one(session, {"row": row, "reason": reason}) else None


def last_waiting(session: Session, person: int, tickets: Sequence[int]) -> int | None:
    """The last answer of a person that waits, on one of these tickets or, without any, at all, by its ledger id."""
    row = _LAST_OF.one(session, {"person": person, "tickets": list(tickets)})
    return row.id if row else None
