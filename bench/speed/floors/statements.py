"""The tables of floor d, and each statement that its worker says."""

from typing import Final

TABLES: Final = """
DROP SCHEMA IF EXISTS least CASCADE;
CREATE SCHEMA least;
CREATE TABLE least.person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL);
CREATE SEQUENCE least.ticket_number;
CREATE TABLE least.ticket (id bigint PRIMARY KEY, title text NOT NULL, body text {compressed} NOT NULL,
    person bigint NOT NULL REFERENCES least.person, owner text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE least.comment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket bigint NOT NULL
    REFERENCES least.ticket, person bigint NOT NULL REFERENCES least.person, body text {compressed} NOT NULL,
    at timestamptz NOT NULL DEFAULT now());
CREATE TABLE least.activity (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket bigint NOT NULL
    REFERENCES least.ticket, action text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE least.message_id (message_id text PRIMARY KEY, ticket bigint NOT NULL REFERENCES least.ticket);
CREATE TABLE least.mail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message_id text UNIQUE NOT NULL,
    refers text[] NOT NULL, raw bytea {compressed} NOT NULL, stored_at timestamptz NOT NULL DEFAULT now(),
    claimed_by uuid, claimed_until timestamptz, fate text, ticket bigint REFERENCES least.ticket);
CREATE INDEX ON least.mail (id) WHERE fate IS NULL;
CREATE TABLE least.blob (sha256 bytea PRIMARY KEY, content bytea {compressed} NOT NULL);
CREATE TABLE least.file (mail bigint NOT NULL REFERENCES least.mail, name text NOT NULL, sha256 bytea NOT NULL
    REFERENCES least.blob);
CREATE TABLE least.outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket bigint NOT NULL
    REFERENCES least.ticket, message_id text UNIQUE NOT NULL, recipient text NOT NULL, subject text NOT NULL,
    text text {compressed} NOT NULL, html text {compressed} NOT NULL, due_at timestamptz NOT NULL DEFAULT now(),
    fate text);
CREATE INDEX ON least.outbox (due_at) WHERE fate IS NULL;
CREATE TABLE least.polled (at timestamptz NOT NULL DEFAULT now());
"""
# A claim reads the queue in its order; a server that has not looked at a table for long would sort all of it.
SETTINGS: Final = "SET enable_seqscan = off"
STORE: Final = """
INSERT INTO least.mail (message_id, refers, raw) VALUES (%s, %s, %b) ON CONFLICT (message_id) DO NOTHING
"""
POLLED: Final = "INSERT INTO least.polled DEFAULT VALUES"
# A mail waits for the one that it answers. That one is sought by its Message-ID alone: with its fate asked along, the
# server reads all that are undecided for each.
CLAIM: Final = """
UPDATE least.mail SET claimed_by = %(token)s, claimed_until = now() + interval '1 minute' WHERE id = ANY(ARRAY(
    SELECT q.id FROM least.mail q WHERE q.fate IS NULL AND (q.claimed_until IS NULL OR q.claimed_until < now())
        AND NOT EXISTS (SELECT 1 FROM (
            SELECT p.fate FROM least.mail p WHERE p.message_id = ANY(q.refers) OFFSET 0) AS parent
            WHERE parent.fate IS NULL)
    ORDER BY q.id LIMIT 10 FOR UPDATE OF q SKIP LOCKED))
RETURNING id
"""
LEFT: Final = """
SELECT EXISTS (SELECT 1 FROM least.mail WHERE fate IS NULL) OR NOT EXISTS (SELECT 1 FROM least.polled)
"""
LOCK: Final = "SELECT raw FROM least.mail WHERE id = %s AND claimed_by = %s AND fate IS NULL FOR UPDATE"
THREAD: Final = """
SELECT t.id, t.owner, t.title FROM least.message_id m JOIN least.ticket t ON t.id = m.ticket
WHERE m.message_id = ANY(%s) ORDER BY t.id LIMIT 1 FOR UPDATE OF t
"""
NUMBER: Final = "SELECT nextval('least.ticket_number')"

# What a new mail and an answer write, in one statement each: `kept` is the ticket or the comment.
_WRITE: Final = """
WITH person AS (INSERT INTO least.person (email) VALUES (%(sender)s)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id),
kept AS (@kept),
activities AS (INSERT INTO least.activity (ticket, action) SELECT %(ticket)s, unnest(%(actions)s::text[])),
known AS (INSERT INTO least.message_id VALUES (%(message_id)s, %(ticket)s) ON CONFLICT DO NOTHING),
blobs AS (INSERT INTO least.blob SELECT * FROM unnest(%(digests)b::bytea[], %(contents)b::bytea[])
    ON CONFLICT DO NOTHING),
files AS (INSERT INTO least.file SELECT %(mail)s, * FROM unnest(%(names)s::text[], %(digests)b::bytea[])),
notices AS (INSERT INTO least.outbox (ticket, message_id, recipient, subject, text, html)
    SELECT %(ticket)s, * FROM unnest(%(ours)s::text[], %(recipients)s::text[], %(subjects)s::text[], %(texts)s::text[],
        %(htmls)s::text[]))
UPDATE least.mail SET fate = 'applied', ticket = %(ticket)s WHERE id = %(mail)s
"""
_TICKET: Final = """INSERT INTO least.ticket (id, title, body, person, owner)
    SELECT %(ticket)s, %(title)s, %(body)s, id, %(owner)s FROM person"""
_COMMENT: Final = "INSERT INTO least.comment (ticket, person, body) SELECT %(ticket)s, id, %(body)s FROM person"
OPEN: Final = _WRITE.replace("@kept", _TICKET)
COMMENT: Final = _WRITE.replace("@kept", _COMMENT)
COUNTS: Final = """
SELECT (SELECT count(*) FROM least.mail WHERE fate = 'applied'), (SELECT count(*) FROM least.ticket),
    (SELECT count(*) FROM least.comment), (SELECT count(*) FROM least.outbox)
"""
