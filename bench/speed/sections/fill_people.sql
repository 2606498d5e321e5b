-- The people of a desk of years, and its mailbox; $words are put in by speed_fill.py.
INSERT INTO "User" (id, name, email, role, "createdAt", "updatedAt")
SELECT 'cfilleduser00' || lpad(n::text, 12, '0'), 'Customer ' || n,
    'customer' || 2 * n || '@' || ($shops)[2 * n % 10 + 1] || '.example', 'customer', now(), now()
FROM generate_series(0, :customers - 1) n;

INSERT INTO mail.person (user_id) SELECT id FROM "User" WHERE id LIKE 'cfilleduser%' ORDER BY id;

INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example');
