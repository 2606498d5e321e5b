-- The tickets of a desk of years, and what hangs on them. Rows refer to one another by counting: ticket i came with
-- mail i, and its number is 1000 + i.
INSERT INTO "Ticket" (id, title, description, status, priority, category, "createdById", "assignedToId",
    "createdAt", "updatedAt", "resolvedAt", "closedAt")
SELECT $ticket_id, 'Filled ticket ' || i, $words,
    CASE WHEN i % 1000 < :unfinished THEN 'open' ELSE 'closed' END::"TicketStatus",
    (ARRAY['low', 'medium', 'high'])[i % 3 + 1]::"TicketPriority",
    (ARRAY['technical_issue', 'billing', 'general_inquiry'])[i % 3 + 1]::"TicketCategory", $customer_id, $agent_id,
    $utc, $utc, CASE WHEN i % 1000 < :unfinished THEN NULL ELSE $utc END,
    CASE WHEN i % 1000 < :unfinished THEN NULL ELSE $utc END
FROM generate_series(1, :tickets) i;

INSERT INTO mail.ticket (number, ticket_id) OVERRIDING SYSTEM VALUE
SELECT 1000 + i, $ticket_id FROM generate_series(1, :tickets) i;

INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'cfilledcomm' || k || lpad(i::text, 13, '0'), $words, $ticket_id,
    CASE k WHEN 0 THEN $agent_id ELSE $customer_id END, $utc, $utc
FROM generate_series(1, :tickets) i, generate_series(0, 1) k WHERE (i + k) % 2 = 0;

INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
SELECT 'cfilledacts' || k || lpad(i::text, 13, '0'), $ticket_id, $customer_id,
    (ARRAY['created', 'updated', 'commented'])[k], (ARRAY['Ticket created: ' || i, 'Ticket assigned',
    'Added a comment'])[k], $utc
FROM generate_series(1, :tickets) i, generate_series(1, 3) k;

INSERT INTO mail.assignment (ticket_number, person_number, strategy, reason, assigned_at)
SELECT 1000 + i, a.number, 'least_loaded', 'It was filled in.', $when
FROM generate_series(1, :tickets) i JOIN mail.person a ON a.user_id = $agent_id;

INSERT INTO mail.reading (ledger_id, ticket_number, removed, confidence)
SELECT i, 1000 + i, '', 0.9 FROM generate_series(1, :tickets) i;

INSERT INTO mail.raw_chunk (ledger_id, position, content)
SELECT i, 0, 'From: somebody'::bytea FROM generate_series(1, :tickets) i;

INSERT INTO mail.blob (sha256, size, content)
SELECT sha256(i::text::bytea), 20, 'The words of a file.' FROM generate_series(1, :tickets, 10) i;

INSERT INTO mail.attachment (ledger_id, ticket_number, position, filename, content_type, inline, sha256)
SELECT i, 1000 + i, 0, 'file.txt', 'text/plain', false, sha256(i::text::bytea)
FROM generate_series(1, :tickets, 10) i;

INSERT INTO mail.note (ticket_number, person_number, ledger_id, text, reason, written_at)
SELECT 1000 + i, a.number, i, $words, 'A note by mail.', $when
FROM generate_series(1, :tickets, 10) i JOIN mail.person a ON a.user_id = $agent_id;

INSERT INTO mail.outbox_file (outbox_id, position, filename, sha256)
SELECT 2 * i, 0, 'file.txt', sha256(i::text::bytea) FROM generate_series(1, :tickets, 10) i;

INSERT INTO mail.bounce (ledger_id, outbox_id, address, failure, permanent, bounced_at)
SELECT i, 2 * i, $customer_email, 'transient', false, $when FROM generate_series(1, :tickets, 10) i;

INSERT INTO mail.suppression (address, reason, since)
SELECT 'gone' || i || '@nowhere.example', 'It was filled in.', $when
FROM generate_series(1, :tickets, 10) i;
