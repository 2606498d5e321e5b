"""Keep the words of tickets and people for the search, and let triggers say what is to be read anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | None = None
depends_on: str | None = None

# A change of models/events/triggers.py or search_due.py needs a migration of its own; this one stays as it was.
ON_USER = """
CREATE OR REPLACE FUNCTION mail.on_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO mail.person (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
    ELSIF (NEW.name, NEW.email) IS NOT DISTINCT FROM (OLD.name, OLD.email) THEN
        RETURN NULL;
    ELSE
        INSERT INTO mail.search_due (ticket_number)
        SELECT n.number FROM public."Ticket" t JOIN mail.ticket n ON n.ticket_id = t.id
        WHERE t."createdById" = NEW.id;
    END IF;
    INSERT INTO mail.search_due (person_number) SELECT p.number FROM mail.person p WHERE p.user_id = NEW.id;
    RETURN NULL;
END $$
"""
ON_TICKET = """
CREATE OR REPLACE FUNCTION mail.on_ticket() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
DECLARE
    ticket bigint := mail.number_of_ticket(NEW.id);
BEGIN
    IF TG_OP = 'INSERT' OR (NEW.title, NEW.description, NEW."createdById", NEW."assignedToId")
        IS DISTINCT FROM (OLD.title, OLD.description, OLD."createdById", OLD."assignedToId") THEN
        INSERT INTO mail.search_due (ticket_number) VALUES (ticket);
    END IF;
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
DECLARE
    ticket bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO mail.search_due (ticket_number)
        SELECT t.number FROM mail.ticket t WHERE t.ticket_id IN (OLD."ticketId", NEW."ticketId");
        RETURN NULL;
    END IF;
    ticket := mail.number_of_ticket(NEW."ticketId");
    INSERT INTO mail.search_due (ticket_number) VALUES (ticket);
    IF current_setting('supportdesk.quiet', true) = 'on' THEN
        RETURN NULL;
    END IF;
    PERFORM mail.record('comment_added', ticket, comment => NEW.id);
    RETURN NULL;
END $$
"""
ON_NOTE = """
CREATE OR REPLACE FUNCTION mail.on_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    INSERT INTO mail.search_due (ticket_number) VALUES (coalesce(NEW.ticket_number, OLD.ticket_number));
    RETURN NULL;
END $$
"""
ON_GONE = """
CREATE OR REPLACE FUNCTION mail.on_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'ticket' THEN
        DELETE FROM mail.search s WHERE s.number = NEW.number;
        INSERT INTO mail.search_due (ticket_number) VALUES (NEW.number);
    ELSE
        DELETE FROM mail.search_person s WHERE s.number = NEW.number;
        INSERT INTO mail.search_due (person_number) VALUES (NEW.number);
    END IF;
    RETURN NULL;
END $$
"""
ON_USER_BEFORE = """
CREATE OR REPLACE FUNCTION mail.on_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp AS $$
BEGIN
    INSERT INTO mail.person (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO NOTHING;
    RETURN NULL;
END $$
"""
ON_TICKET_BEFORE = """
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
ON_COMMENT_BEFORE = """
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
IN_MAIL = (
    (
        "search_note",
        "AFTER INSERT OR UPDATE OF text, accepted_at OR DELETE ON mail.note FOR EACH ROW",
        "on_note",
    ),
    ("search_ticket", "AFTER UPDATE OF ticket_id ON mail.ticket FOR EACH ROW WHEN (NEW.ticket_id IS NULL)", "on_gone"),
    ("search_person", "AFTER UPDATE OF user_id ON mail.person FOR EACH ROW WHEN (NEW.user_id IS NULL)", "on_gone"),
)
TRIGGERS = (
    ("supportdesk_user", "User", "AFTER INSERT", " OR UPDATE OF name, email", "on_user"),
    ("supportdesk_comment", "Comment", "AFTER INSERT", ' OR UPDATE OF content, "ticketId" OR DELETE', "on_comment"),
)
# What is there is read later, in batches, from the newest on.
REACH = """
INSERT INTO mail.search_reach (tickets_from, people_from, languages) VALUES (
    coalesce((SELECT max(number) + 1 FROM mail.ticket), 0), coalesce((SELECT max(number) + 1 FROM mail.person), 0),
    '{english,german}'
)
"""


def upgrade() -> None:
    _create_tables()
    for function in (ON_USER, ON_TICKET, ON_COMMENT, ON_NOTE, ON_GONE):
        op.execute(function)
    for signature in ("on_note()", "on_gone()"):
        op.execute(f"REVOKE ALL ON FUNCTION mail.{signature} FROM PUBLIC")
    for name, when, function in IN_MAIL:
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION mail.{function}()")
    _set_triggers(new=True)
    # The last one, for from the triggers on nothing is missed.
    op.execute(REACH)


def downgrade() -> None:
    for name, table in (("search_note", "note"), ("search_ticket", "ticket"), ("search_person", "person")):
        op.execute(f"DROP TRIGGER {name} ON mail.{table}")
    for function in (ON_USER_BEFORE, ON_TICKET_BEFORE, ON_COMMENT_BEFORE):
        op.execute(function)
    _set_triggers(new=False)
    for name in ("on_note", "on_gone"):
        op.execute(f"DROP FUNCTION mail.{name}()")
    for name in ("search_reach", "search_due", "search_person", "search"):
        op.drop_table(name, schema="mail")


def _set_triggers(*, new: bool) -> None:
    for name, table, when, more, function in TRIGGERS:
        events = when + more if new else when
        trigger = f'CREATE OR REPLACE TRIGGER {name} {events} ON public."{table}"'
        op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION mail.{function}()")


def _create_tables() -> None:
    op.create_table(
        "search",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words_for_staff", postgresql.TSVECTOR()),
        sa.Column("indexed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("search_pkey")),
        schema="mail",
    )
    op.create_table(
        "search_person",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letters", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("search_person_pkey")),
        schema="mail",
    )
    for table, column in (("search", "words"), ("search", "words_for_staff"), ("search_person", "grams")):
        name = f"{table}_{column}_idx"
        op.execute(f"CREATE INDEX {name} ON mail.{table} USING gin ({column}) WITH (fastupdate = off)")
    op.create_table(
        "search_due",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("ticket_number", sa.BigInteger()),
        sa.Column("person_number", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("search_due_pkey")),
        schema="mail",
    )
    op.create_table(
        "search_reach",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("tickets_from", sa.BigInteger(), nullable=False),
        sa.Column("people_from", sa.BigInteger(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("only_row", name=op.f("search_reach_only_row_check")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("search_reach_pkey")),
        schema="mail",
    )
