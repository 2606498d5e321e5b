"""Mails that opened tickets, or that a routing rule dropped, with what is needed to route them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from desk.intake.decision import Drop
from desk.intake.rule_names import RuleName
from desk.ticket import Person
from models.db.statement import Statement
from models.ledger.raw import raw_of
from models.people.rows import PERSON_BY_EMAIL, person_of

# So many rows are read at once; their bytes are read one mail after another.
PAGE: Final = 200

# The sender as they were: who became a person by this very mail was new. The customer's agent is that of their latest
# ticket before it.
_PAGE = Statement(f"""
SELECT sender.*, l.id AS row, l.size, m.name AS mailbox, l.sender AS address, l.decided_at,
    l.evidence ->> 'rule' AS rule, l.ticket_number, l.restored_at IS NOT NULL AS restored,
    n.continues IS NOT NULL AS is_answer,
    u."createdAt" >= date_trunc('milliseconds', l.decided_at AT TIME ZONE 'UTC') - interval '1 millisecond' AS is_new,
    (SELECT agent.number FROM public."Ticket" t JOIN mail.person agent ON agent.user_id = t."assignedToId"
     WHERE t."createdById" = sender.id
        AND t."createdAt" < date_trunc('milliseconds', l.decided_at AT TIME ZONE 'UTC')
     ORDER BY t."createdAt" DESC LIMIT 1) AS last_agent
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
LEFT JOIN mail.ticket n ON n.number = l.ticket_number
LEFT JOIN LATERAL ({PERSON_BY_EMAIL.replace(":email", "l.sender")}) AS sender ON true
LEFT JOIN public."User" u ON u.id = sender.id
WHERE l.id < :before AND NOT l.partial AND (
    (l.fate = 'applied' AND l.ticket_number IS NOT NULL
        AND l.evidence ->> 'rule' IN ('{RuleName.NEW_TICKET}', '{RuleName.PASSED_ON}'))
    OR (l.fate = 'not_applied' AND l.evidence ->> 'drop' = '{Drop.RULE}')
)
ORDER BY l.id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class OpeningMail:
    """One mail that opened a ticket, or none because a rule dropped it.

    `raw` is empty where its bytes are stored no longer. `sender` is None where they were new, `last_agent` the number
    of the agent of their ticket before. `is_answer` says that the ticket continues a closed one.
    """

    row: int
    mailbox: str
    address: str
    decided_at: datetime
    rule: str
    ticket: int | None
    restored: bool
    is_answer: bool
    sender: Person | None
    last_agent: int | None
    raw: bytes


def read_openings(session: Session, most: int) -> Iterator[OpeningMail]:
    """The newest `most` of such mails, the newest first, one at a time; the rows by pages of the key."""
    before = 2**62
    while most > 0:
        rows = _PAGE.rows(session, {"before": before, "most": min(PAGE, most)})
        for row in rows:
            yield OpeningMail(
                row=row.row,
                mailbox=row.mailbox,
                address=row.address or "",
                decided_at=row.decided_at,
                rule=row.rule,
                ticket=row.ticket_number,
                restored=row.restored,
                is_answer=row.is_answer,
                sender=person_of(row) if row.number and not row.is_new else None,
                last_agent=row.last_agent,
                raw=raw_of(session, row.row, size=row.size),
            )
        if len(rows) < PAGE:
            return
        before, most = rows[-1].row, most - len(rows)
