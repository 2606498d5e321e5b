"""Install the triggers that number rows and record events, and number what was adopted."""

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

# A change of models/triggers.py needs a migration of its own; this one stays as it was.
RECORD = """
CREATE OR REPLACE FUNCTION mail.record(
    kind text, ticket bigint, field text DEFAULT NULL, was text DEFAULT NULL, becomes text DEFAULT NULL,
    comment text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
DECLARE
    actor bigint := nullif(current_setting('supportdesk.actor', true), '')::bigint;
    cause bigint := nullif(current_setting('supportdesk.cause', true), '')::bigint;
BEGIN
    INSERT INTO mail.event (kind, ticket_number, field, old, new, comment_id, actor, cause, due_at)
    VALUES (kind, ticket, field, was, becomes, comment, actor, cause,
            now() + CASE WHEN actor IS NULL THEN interval '3 seconds' ELSE interval '0' END);
    PERFORM pg_notify('supportdesk', '');
END $$
"""

NUMBER_OF_TICKET = """
CREATE OR REPLACE FUNCTION mail.number_of_ticket(id text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
DECLARE
    known bigint;
BEGIN
    SELECT t.number INTO known FROM mail.ticket t WHERE t.ticket_id = id;
    IF known IS NULL THEN
        INSERT INTO mail.ticket (ticket_id) VALUES (id)
        ON CONFLICT (ticket_id) DO UPDATE SET ticket_id = excluded.ticket_id RETURNING number INTO known;
    END IF;
    RETURN known;
END $$
"""

ON_USER = """
CREATE OR REPLACE FUNCTION mail.on_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    INSERT INTO mail.person (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
    RETURN NULL;
END $$
"""

ON_TICKET = """
CREATE OR REPLACE FUNCTION mail.on_ticket() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
DECLARE
    ticket bigint := mail.number_of_ticket(NEW.id);
BEGIN
    IF current_setting('supportdesk.quiet', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM mail.record('ticket_opened', ticket);
        RETURN NULL;
    END IF;
    IF NEW.status IS DISTINCT FROM OLD.status THEN
        PERFORM mail.record('ticket_changed', ticket, 'status', OLD.status::text, NEW.status::text);
    END IF;
    IF NEW.priority IS DISTINCT FROM OLD.priority THEN
        PERFORM mail.record('ticket_changed', ticket, 'priority', OLD.priority::text, NEW.priority::text);
    END IF;
    IF NEW.category IS DISTINCT FROM OLD.category THEN
        PERFORM mail.record('ticket_changed', ticket, 'category', OLD.category::text, NEW.category::text);
    END IF;
    IF NEW."assignedToId" IS DISTINCT FROM OLD."assignedToId" THEN
        PERFORM mail.record('ticket_changed', ticket, 'assignee', OLD."assignedToId", NEW."assignedToId");
    END IF;
    IF NEW.title IS DISTINCT FROM OLD.title THEN
        PERFORM mail.record('ticket_changed', ticket, 'title', OLD.title, NEW.title);
    END IF;
    IF NEW.description IS DISTINCT FROM OLD.description THEN
        PERFORM mail.record('ticket_changed', ticket, 'description');
    END IF;
    RETURN NULL;
END $$
"""

ON_COMMENT = """
CREATE OR REPLACE FUNCTION mail.on_comment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    IF current_setting('supportdesk.quiet', true) = 'on' THEN
        RETURN NULL;
    END IF;
    PERFORM mail.record('comment_added', mail.number_of_ticket(NEW."ticketId"), comment => NEW.id);
    RETURN NULL;
END $$
"""

FUNCTIONS = (RECORD, NUMBER_OF_TICKET, ON_USER, ON_TICKET, ON_COMMENT)
SIGNATURES = (
    "record(text, bigint, text, text, text, text)",
    "number_of_ticket(text)",
    "on_user()",
    "on_ticket()",
    "on_comment()",
)
TRIGGERS = (
    ("supportdesk_user", "User", "AFTER INSERT", "on_user"),
    ("supportdesk_ticket", "Ticket", "AFTER INSERT OR UPDATE", "on_ticket"),
    ("supportdesk_comment", "Comment", "AFTER INSERT", "on_comment"),
)

NUMBER_PEOPLE = """
INSERT INTO mail.person (user_id) SELECT u.id FROM public."User" u ORDER BY u."createdAt", u.id
ON CONFLICT (user_id) DO NOTHING
"""

NUMBER_TICKETS = """
INSERT INTO mail.ticket (ticket_id) SELECT t.id FROM public."Ticket" t ORDER BY t."createdAt", t.id
ON CONFLICT (ticket_id) DO NOTHING
"""


def upgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function)
    for signature in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION mail.{signature} FROM PUBLIC")
    # From here on writers wait, so no row slips in between the triggers and the numbering.
    for name, table, when, function in TRIGGERS:
        op.execute(f'CREATE TRIGGER {name} {when} ON public."{table}" FOR EACH ROW EXECUTE FUNCTION mail.{function}()')
    op.execute(NUMBER_PEOPLE)
    op.execute(NUMBER_TICKETS)


def downgrade() -> None:
    for name, table, _, _ in TRIGGERS:
        op.execute(f'DROP TRIGGER IF EXISTS {name} ON public."{table}"')
    for signature in reversed(SIGNATURES):
        op.execute(f"DROP FUNCTION IF EXISTS mail.{signature}")
