"""Which earlier answers the mails of ours about a ticket showed to somebody."""

from typing import Final

from sqlalchemy.orm import Session

from models.db.statement import Statement

# The list of the newest mail about a ticket to one person that showed any. The mail itself may be long.
_LATEST: Final = Statement("""
SELECT o.suggested FROM mail.outbox o
WHERE o.ticket_number = :ticket AND o.person_number = :person AND o.suggested IS NOT NULL ORDER BY o.id DESC LIMIT 1
""")


def read_suggested(session: Session, ticket: int, person: int) -> list[tuple[int, str]]:
    """The earlier answers of which a person was last told about a ticket, in order: ticket number and comment id."""
    row = _LATEST.one(session, {"ticket": ticket, "person": person})
    return [(number, comment) for number, comment in row.suggested] if row else []
