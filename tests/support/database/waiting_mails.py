"""Mails in the outbox, many at once, which wait or were sent, and what an SMTP server saw of them."""

from collections import Counter

from tests.support.database.services import execute
from tests.support.servers.faulty_smtp import FaultySmtp
from worker.runtime.services import Services

PEOPLE = """
INSERT INTO "User" (id, email, name, role, "createdAt", "updatedAt")
SELECT name, name || '@customer.example', 'Somebody', 'customer', now(), now()
FROM (SELECT 'c' || n AS name FROM generate_series(1, 40) AS n UNION ALL SELECT 'one') AS people ON CONFLICT DO NOTHING
"""
# Mails like that to the customer of the first ticket, to others; `about` says whether they are about that ticket.
MORE = """
INSERT INTO mail.outbox (template, kind, mailbox, event_id, ticket_number, person_number, role, recipient,
    recipient_name, sender, sender_name, reply_to, subject, text, html, message_id, auto_submitted, dated,
    token_expires_at)
SELECT 'status-open', kind, :mailbox, event_id, CASE WHEN :about THEN ticket_number END, p.number, o.role, u.email,
    recipient_name, sender, sender_name, reply_to, n::text, text, html, :mailbox || n || '.' || message_id,
    'auto-generated', dated, token_expires_at
FROM mail.outbox o CROSS JOIN generate_series(1, :count) AS n
JOIN "User" u ON u.id = CASE WHEN :about THEN 'one' ELSE 'c' || n END JOIN mail.person p ON p.user_id = u.id
WHERE o.id = (SELECT min(id) FROM mail.outbox WHERE template = 'ticket-opened') ORDER BY n
"""
FATES = "SELECT fate, attempts, tries, claimed_by, count(*)::int AS n FROM mail.outbox GROUP BY 1, 2, 3, 4 ORDER BY 1"
ALL = 14
ALL_SENT = [{"fate": "sent", "attempts": 1, "tries": 0, "claimed_by": None, "n": ALL}]


def more(services: Services, count: int = ALL - 2, *, about_one_ticket: bool = False, mailbox: str = "support") -> None:
    """Let so many further mails wait."""
    execute(services, PEOPLE)
    execute(services, MORE, count=count, about=about_one_ticket, mailbox=mailbox)


def recipients(server: FaultySmtp) -> Counter[str]:
    return Counter(one for taken in server.taken for one in taken.recipients)


def most_at_once(server: FaultySmtp) -> int:
    """How many mails were in flight at the same time."""
    return max(sum(other.began <= one.began < other.ended for other in server.taken) for one in server.taken)


def repeat_sent(services: Services, recipient: str, mails: int) -> None:
    """So many more mails like each one to somebody, sent at this moment because of the same event."""
    statement = """INSERT INTO mail.outbox
            (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            message_id, dated, token_expires_at, fate, sent_at, attempts, person_number, event_id)
        SELECT template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text, html,
            'old' || n, dated, token_expires_at, 'sent', now(), 1, person_number, event_id
        FROM mail.outbox, generate_series(1, :mails) n WHERE recipient = :recipient"""
    execute(services, statement, recipient=recipient, mails=mails)
