"""All that an import made, without what differs from one run to the next, so that two runs can be compared."""

from typing import Any

from sqlalchemy import text

from worker.runtime.services import Services

# Tickets are told apart by their title and time, people by their address, and mails by what they say.
_TABLES = {
    "tickets": """
SELECT t.title, t.description, t.status, t.priority, t.category, t."createdAt", t."updatedAt", t."closedAt",
    creator.email, owner.email AS owner, n.continues IS NOT NULL AS continues,
    ARRAY(SELECT u.email FROM mail.participant p JOIN mail.person q ON q.number = p.person_number
        JOIN public."User" u ON u.id = q.user_id WHERE p.ticket_number = n.number ORDER BY 1) AS participants
FROM public."Ticket" t JOIN mail.ticket n ON n.ticket_id = t.id
JOIN public."User" creator ON creator.id = t."createdById"
LEFT JOIN public."User" owner ON owner.id = t."assignedToId"
""",
    "comments": """
SELECT t.title, c.content, CASE WHEN u.email LIKE '%@invalid' THEN u.name ELSE u.email END AS author, c."createdAt",
    c."updatedAt"
FROM public."Comment" c JOIN public."Ticket" t ON t.id = c."ticketId" JOIN public."User" u ON u.id = c."userId"
""",
    "activities": """
SELECT t.title, a.action, a.description, a."createdAt" FROM public."TicketActivity" a
JOIN public."Ticket" t ON t.id = a."ticketId"
""",
    "notes": """
SELECT t.title, o.text, o.reason, o.written_at FROM mail.note o JOIN mail.ticket n ON n.number = o.ticket_number
JOIN public."Ticket" t ON t.id = n.ticket_id
""",
    "people": """
SELECT CASE WHEN email LIKE '%@invalid' THEN name ELSE email END AS email, name, role, "createdAt" FROM public."User"
WHERE role = 'customer'
""",
    "mails": """
SELECT encode(l.fingerprint, 'hex') AS mail, l.message_id, l.internal_date, l.fate, l.sender, l.recipients, l.automatic,
    l.evidence ->> 'rule' AS rule, l.evidence ->> 'proof' AS proof, l.import_vouched, l.import_open, t.title,
    l.imported_at IS NULL AS from_server
FROM mail.ledger l LEFT JOIN mail.ticket n ON n.number = l.ticket_number
LEFT JOIN public."Ticket" t ON t.id = n.ticket_id
""",
    "readings": "SELECT removed, confidence, repairs, sign_off, html FROM mail.reading",
    "message ids": """
SELECT encode(m.hash, 'hex') AS hash, m.refers, t.title FROM mail.message_id m
JOIN mail.ticket n ON n.number = m.ticket_number JOIN public."Ticket" t ON t.id = n.ticket_id
""",
    "told": "SELECT kind AS what FROM mail.event UNION ALL SELECT template FROM mail.outbox",
}


def tables_of(services: Services) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table, sorted."""
    with services.engine.connect() as connection:
        found = {name: connection.execute(text(statement)) for name, statement in _TABLES.items()}
        return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in found.items()}


def first_difference(one: dict[str, list[tuple[Any, ...]]], other: dict[str, list[tuple[Any, ...]]]) -> str:
    """The first row that only one of two has, as a sentence; empty where they are equal."""
    for name, rows in one.items():
        if rows != other[name]:
            lone = [row for row in rows if row not in other[name]] or [row for row in other[name] if row not in rows]
            return f"{name}: {len(rows)} and {len(other[name])} rows; such as {lone[:1]}"
    return ""
