"""What else waits for the word of whom a question asks: the mails in its list, and the questions before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from desk.intake.rule_names import RuleName
from models.db.statement import Statement, any_of

# The questions about listed mails, as they were noted, with when each mail came and whether it waits still.
_LISTED = Statement(f"""
SELECT e.id, e.details -> 'held' AS held, l.stored_at AS came_at,
    l.fate = 'not_applied' AND l.confirmed_at IS NULL AND l.evidence ->> 'rule' = :rule AS waits
FROM mail.event e JOIN mail.ledger l ON l.id = e.cause WHERE e.id = {any_of("ids")}
""")
# The Message-IDs of the mails that asked a person about these events, oldest first.
_THREAD = Statement(f"""
SELECT o.message_id FROM mail.outbox o
WHERE o.person_number = :person AND o.event_id = {any_of("ids")} ORDER BY o.id
""")


@dataclass(frozen=True, slots=True)
class ListedRows:
    """The rows of the questions in a list by event id, and the Message-IDs of the mails that asked them."""

    questions: Mapping[int, Any]
    thread: Sequence[str]


def read_listed(session: Session, person: int | None, details: Mapping[str, Any]) -> ListedRows:
    """What the details of a question's event refer to; nothing, and no statement, where it lists only its own mail."""
    held = details.get("held") or {}
    events = [place["event"] for place in held.get("listed", ()) if place["event"]]
    if not events:
        return ListedRows({}, ())
    rows = _LISTED.rows(session, {"ids": events, "rule": RuleName.STAFF_WITHOUT_POWER})
    thread = _THREAD.rows(session, {"ids": events, "person": person})
    return ListedRows({row.id: row for row in rows if row.held}, [row.message_id for row in thread])
