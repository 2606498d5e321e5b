"""Tickets that are old enough for the archive, with rows of every kind, and all rows of a database to compare."""

from typing import Any

from sqlalchemy import Engine, text

# All tables but those of the archive and of the index of the search, and what a row of each is compared by.
_TABLES = """
SELECT table_schema AS schema, table_name AS table FROM information_schema.tables
WHERE table_schema IN ('mail', 'public') AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'archive%'
    AND table_name NOT LIKE 'search%' ORDER BY 1, 2
"""
_ROW = "to_jsonb(t) - 'restored_at'"
# All of them are closed for years, and nothing is under way.
_AGE = (
    "SELECT set_config('supportdesk.quiet', 'on', true)",
    """UPDATE "Ticket" SET status = 'closed', "closedAt" = coalesce("closedAt", "createdAt"),
        "updatedAt" = "updatedAt" - interval '3 years'""",
    "UPDATE mail.event SET fate = 'announced' WHERE fate IS NULL OR fate = 'quarantined'",
    "UPDATE mail.outbox SET fate = 'sent', sent_at = now() WHERE fate IS NULL",
)
_CHILDREN = """
INSERT INTO "{table}" (id, "ticketId", "userId", {columns})
SELECT t.id || '-' || n, t.id, t."createdById", {values}
FROM "Ticket" t, generate_series(1, 3) AS n WHERE t.id LIKE 'old-%'
"""
_BALLAST = (
    "SELECT set_config('supportdesk.quiet', 'on', true)",
    """INSERT INTO "User" (id, name, email, "createdAt", "updatedAt")
    SELECT 'u-' || n, 'Customer ' || n, 'c' || n || '@many.example', now(), now() FROM generate_series(1, 30) AS n""",
    """INSERT INTO "Ticket" (id, title, description, category, "createdById", "createdAt", "updatedAt")
    SELECT 'old-' || n, 'Old question ' || n, repeat('My printer is broken. ', 10), 'technical_issue',
        'u-' || 1 + n % 30, now() - interval '4 years', now() FROM generate_series(1, :count) AS n""",
    _CHILDREN.format(table="Comment", columns='content, "createdAt", "updatedAt"',
                     values="'It smokes still. Call me: ' || n, now() + n * interval '1 second', now()"),
    _CHILDREN.format(table="TicketActivity", columns='action, description, "createdAt"',
                     values="'commented', 'Added a comment', now() + n * interval '1 second'"),
    """INSERT INTO mail.note (ticket_number, text, reason)
    SELECT number, 'He is angry.', 'Staff wrote it.' FROM mail.ticket WHERE ticket_id LIKE 'old-%'""",
    """INSERT INTO mail.mailbox (name, address) VALUES ('ballast', 'ballast@desk.example')""",
    """WITH mails AS (
        INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, fate, sender, ticket_number,
            server_done_at, decided_at, evidence)
        SELECT b.id, 'INBOX', 1, t.number, 3000, sha256(t.ticket_id::bytea), 'applied', 'Sender@many.example',
            t.number, now(), now(), '{"rule": "new_ticket"}'
        FROM mail.ticket t, mail.mailbox b WHERE b.name = 'ballast' AND t.ticket_id LIKE 'old-%' RETURNING *
    ), bytes AS (
        INSERT INTO mail.raw_chunk (ledger_id, position, content)
        SELECT id, 0, convert_to('Subject: ' || id || E'\\r\\n\\r\\n' || repeat('words and words ', 180), 'UTF8')
        FROM mails
    ), blobs AS (
        INSERT INTO mail.blob (sha256, size, content)
        SELECT fingerprint, 600, decode(repeat(encode(fingerprint, 'hex'), 10), 'hex') FROM mails
    ), files AS (
        INSERT INTO mail.attachment (ledger_id, ticket_number, position, filename, content_type, inline, sha256)
        SELECT id, ticket_number, 0, 'photo.jpg', 'image/jpeg', false, fingerprint FROM mails
    )
    INSERT INTO mail.reading (ledger_id, ticket_number, removed, confidence, html)
    SELECT id, ticket_number, '> what was quoted', 0.1, '<p>My printer</p>' FROM mails""",
    """INSERT INTO mail.outbox (template, kind, mailbox, ticket_number, role, recipient, recipient_name, sender,
        sender_name, subject, text, html, message_id, dated, token_expires_at, fate, sent_at)
    SELECT 'ticket-opened', 'public', 'support', number, 'customer', 'c@many.example', '', 'support@desk.example', '',
        'Your question', repeat('We have it. ', 50), '<p>' || repeat('We have it. ', 50) || '</p>',
        ticket_id || '@desk.example', now(), now(), 'sent', now()
    FROM mail.ticket WHERE ticket_id LIKE 'old-%'""",
)  # fmt: skip


def make_old(engine: Engine) -> None:
    """Let all tickets be closed for three years, and nothing be under way."""
    _execute(engine, *_AGE)


def add_old_tickets(engine: Engine, count: int) -> None:
    """Add so many tickets with comments, activities, notes, mails, files and mails of ours, closed for three years."""
    _execute(engine, *_BALLAST, count=count)
    make_old(engine)


def live_rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but those of archive and search, without the time at which a ticket came back."""
    rows = f"SELECT {_ROW} FROM {{}} t ORDER BY 1"  # noqa: S608  nothing but the expression above
    return {name: _scalars(engine, rows.format(name)) for name in _tables(engine)}


def fingerprints(engine: Engine) -> dict[str, str]:
    """The same rows of each table as one hash, which is the same in whatever order they lie."""
    hashed = f"SELECT count(*) || ' ' || coalesce(sum(hashtextextended(({_ROW})::text, 0)), 0) FROM"
    return {name: _scalars(engine, f"{hashed} {name} t")[0] for name in _tables(engine)}


def _tables(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [f'"{row.schema}"."{row.table}"' for row in connection.execute(text(_TABLES))]


def _scalars(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.scalars(text(statement)))


def _execute(engine: Engine, *statements: str, **values: object) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
