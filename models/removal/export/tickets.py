"""Tickets as values of JSON, each with all that was said and done on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models.db.statement import Statement
from models.removal.export.moments import prismas, utc
from models.supportdesk.tables import STATUS

# So many tickets are in memory at once.
PAGE: Final = 50

_PERSON: Final = """
json_build_object('number', (SELECT p.number FROM mail.person p WHERE p.user_id = {0}.id), 'email', {0}.email,
    'name', {0}.name, 'role', {0}.role)
"""
# Who stands in From of a mail that is no person's.
_COMMENTS: Final = f"""
SELECT json_agg(json_build_object('id', c.id, 'author', {_PERSON.format("u")}, 'at', {prismas('c."createdAt"')},
    'changed_at', {prismas('c."updatedAt"')}, 'text', c.content, 'html', coalesce(r.html, ''), 'mail', r.ledger_id)
    ORDER BY c."createdAt", c.id)
FROM public."Comment" c JOIN public."User" u ON u.id = c."userId"
LEFT JOIN mail.reading r ON r.ticket_number = a.number AND r.comment_id = c.id
WHERE c."ticketId" = t.id
"""
_NOTES: Final = f"""
SELECT json_agg(json_build_object('number', n.id,
    'author', CASE WHEN u.id IS NOT NULL THEN {_PERSON.format("u")} END,
    'sender', (SELECT l.sender FROM mail.ledger l WHERE l.id = n.ledger_id), 'at', {utc("n.written_at")},
    'text', n.text, 'reason', n.reason, 'mail', n.ledger_id, 'accepted_at', {utc("n.accepted_at")}) ORDER BY n.id)
FROM mail.note n LEFT JOIN mail.person p ON p.number = n.person_number LEFT JOIN public."User" u ON u.id = p.user_id
WHERE n.ticket_number = a.number
"""
_ACTIVITIES: Final = f"""
SELECT json_agg(json_build_object('at', {prismas('h."createdAt"')}, 'by', {_PERSON.format("u")}, 'action', h.action,
    'description', h.description) ORDER BY h."createdAt", h.id)
FROM public."TicketActivity" h JOIN public."User" u ON u.id = h."userId" WHERE h."ticketId" = t.id
"""
_PARTICIPANTS: Final = f"""
SELECT json_agg({_PERSON.format("u")} ORDER BY p.number) FROM mail.participant s
JOIN mail.person p ON p.number = s.person_number JOIN public."User" u ON u.id = p.user_id
WHERE s.ticket_number = a.number
"""
_GUESTS: Final = f"""
SELECT json_agg(json_build_object('address', g.address, 'name', g.name, 'since', {utc("g.since")}) ORDER BY g.address)
FROM mail.guest g WHERE g.ticket_number = a.number
"""
_WATCHERS: Final = f"""
SELECT json_agg({_PERSON.format("u")} ORDER BY p.number) FROM mail.watch s
JOIN mail.person p ON p.number = s.person_number JOIN public."User" u ON u.id = p.user_id
WHERE s.ticket_number = a.number
"""
_ASSIGNMENTS: Final = f"""
SELECT json_agg(json_build_object('at', {utc("s.assigned_at")}, 'to', s.person_number, 'strategy', s.strategy,
    'reason', s.reason) ORDER BY s.id) FROM mail.assignment s WHERE s.ticket_number = a.number
"""
_FILES: Final = """
SELECT json_agg(json_build_object('mail', f.ledger_id, 'comment', f.comment_id, 'filename', f.filename,
    'content_type', f.content_type, 'size', b.size, 'inline', f.inline, 'of_signature', f.of_signature,
    'sha256', encode(f.sha256, 'hex')) ORDER BY f.ledger_id, f.position)
FROM mail.attachment f JOIN mail.blob b ON b.sha256 = f.sha256 WHERE f.ticket_number = a.number
"""
_TICKET: Final = f"""
json_build_object('kind', 'ticket', 'number', a.number, 'tag', 'SD-' || a.number, 'id', t.id, 'title', t.title,
    'description', t.description, 'status', {STATUS.format("t")}, 'priority', t.priority, 'category', t.category,
    'customer', {_PERSON.format("customer")},
    'owner', CASE WHEN owner.id IS NOT NULL THEN {_PERSON.format("owner")} END,
    'opened_at', {prismas('t."createdAt"')}, 'changed_at', {prismas('t."updatedAt"')},
    'resolved_at', {prismas('t."resolvedAt"')}, 'closed_at', {prismas('t."closedAt"')},
    'merged_into', a.merged_into, 'continues', a.continues,
    'comments', coalesce(({_COMMENTS}), '[]'), 'notes', coalesce(({_NOTES}), '[]'),
    'activities', coalesce(({_ACTIVITIES}), '[]'), 'participants', coalesce(({_PARTICIPANTS}), '[]'),
    'guests', coalesce(({_GUESTS}), '[]'), 'watchers', coalesce(({_WATCHERS}), '[]'),
    'waits_until', (SELECT {utc("w.until")} FROM mail.wait w WHERE w.ticket_number = a.number),
    'assignments', coalesce(({_ASSIGNMENTS}), '[]'),
    'files', coalesce(({_FILES}), '[]'))
"""
# The tickets that are wanted. What somebody wrote on a ticket counts as well: not every program sets its time.
WANTED: Final = """
(CAST(:tickets AS bigint[]) IS NULL OR a.number = ANY(CAST(:tickets AS bigint[])))
AND (CAST(:since AS timestamptz) IS NULL OR greatest(t."updatedAt", t."createdAt", (
    SELECT max(c."createdAt") FROM public."Comment" c WHERE c."ticketId" = t.id
)) >= CAST(:since AS timestamptz) AT TIME ZONE 'UTC')
"""
# The page is chosen first, so that no other ticket's words are read.
_READ: Final = Statement(f"""
WITH page AS MATERIALIZED (
    SELECT a.number FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id
    WHERE a.number > :after AND {WANTED} ORDER BY a.number LIMIT :most
)
SELECT a.number, {_TICKET} AS value
FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id
JOIN public."User" customer ON customer.id = t."createdById"
LEFT JOIN public."User" owner ON owner.id = t."assignedToId"
WHERE a.number = ANY(ARRAY(SELECT number FROM page)) ORDER BY a.number
""")
_COUNT: Final = Statement(f"""
SELECT count(*) AS tickets FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id WHERE {WANTED}
""")


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which tickets are copied, with what belongs to them: those of these numbers (None: all) that changed `since`."""

    tickets: Sequence[int] | None = None
    since: datetime | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.tickets is None and self.since is None

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of WANTED."""
        return {"tickets": None if self.tickets is None else list(self.tickets), "since": self.since}


def read_tickets(session: Session, wanted: ExportFilter, after: int = 0, most: int = PAGE) -> list[dict[str, Any]]:
    """The next wanted tickets with numbers above `after`, by number, each as a value of JSON (docs/json.md)."""
    rows = _READ.rows(session, wanted.values | {"after": after, "most": most})
    return [row.value for row in rows]


def count_tickets(session: Session, wanted: ExportFilter) -> int:
    """How many tickets are wanted."""
    return int(_COUNT.one(session, wanted.values).tickets)
