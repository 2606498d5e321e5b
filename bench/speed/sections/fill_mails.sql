-- The mails of a desk of years: mail i opened the ticket of number 1000 + i, and two were written because of it.
INSERT INTO mail.ledger (id, mailbox_id, folder, uidvalidity, uid, internal_date, size, message_id,
    message_id_hash, fingerprint, stored_at, server_done_at, sender, recipients, evidence, ticket_number,
    person_number, fate, reason, decided_at)
OVERRIDING SYSTEM VALUE
SELECT i, (SELECT id FROM mail.mailbox WHERE name = 'support'), 'INBOX', 1, i, $when, 4000, i || '@filled.example',
    substring(sha256((i || '@filled.example')::bytea) FOR 16), sha256(i::text::bytea), $when, $when, $customer_email,
    ARRAY['support@desk.example'], '{"rule": "$opens"}', 1000 + i, p.number, 'applied', 'It was filled in.',
    $when
FROM generate_series(1, :tickets) i JOIN mail.person p ON p.user_id = $customer_id;

INSERT INTO mail.participant (ticket_number, person_number)
SELECT ticket_number, person_number FROM mail.ledger WHERE person_number IS NOT NULL;

INSERT INTO mail.message_id (hash, ticket_number, refers)
SELECT substring(sha256((i || k)::bytea) FOR 16), 1000 + i, false FROM generate_series(1, :tickets) i,
    (VALUES ('@filled.example'), ('a'), ('b')) keys (k);

INSERT INTO mail.event (id, transaction, kind, ticket_number, actor, cause, happened_at, due_at, announced_at,
    fate, decided_at)
OVERRIDING SYSTEM VALUE
SELECT i, i, 'ticket_opened', 1000 + i, l.person_number, i, $when, $when, $when, 'announced', $when
FROM generate_series(1, :tickets) i JOIN mail.ledger l ON l.id = i;

INSERT INTO mail.outbox (id, template, kind, mailbox, event_id, ticket_number, person_number, role, recipient,
    recipient_name, sender, sender_name, subject, text, html, message_id, dated, token_expires_at, written_at, due_at,
    attempts, sent_at, auto_submitted, fate, decided_at)
OVERRIDING SYSTEM VALUE
SELECT 2 * i + k, (ARRAY['ticket-opened', 'ticket-assigned'])[k + 1], 'public', 'support', i, 1000 + i,
    CASE k WHEN 0 THEN l.person_number ELSE a.number END, 'customer',
    CASE k WHEN 0 THEN $customer_email ELSE u.email END, 'Somebody', 'support@desk.example', 'SupportDesk',
    '[SD-' || 1000 + i || '] Filled ticket', $words, $words, 'ours.' || k || '.' || i || '@desk.example',
    $when, $when + interval '180 days', $when, $when, 1, $when, 'auto-generated', 'sent', $when
FROM generate_series(1, :tickets) i CROSS JOIN generate_series(0, 1) k JOIN mail.ledger l ON l.id = i
    JOIN "User" u ON u.id = $agent_id JOIN mail.person a ON a.user_id = u.id;
INSERT INTO mail.command (ledger_id, person_number, ticket_number, before, changed_at)
SELECT i, l.person_number, 1000 + i, '{"priority": {"is": "high", "was": "medium"}}', $when
FROM generate_series(1, :tickets) i JOIN mail.ledger l ON l.id = i;
