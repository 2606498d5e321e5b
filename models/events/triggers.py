"""The triggers that number tickets and people, record events and say what the search has to read anew.

They do so whichever program made the change.

The functions live in `mail` and run with the rights of their owner on a fixed search path, so the web app's
role needs no rights in `mail`. They read three settings of the transaction, which `mark` writes: `supportdesk.actor`
(a person's number), `supportdesk.cause` (a ledger id) and `supportdesk.quiet` (`on` records nothing). With a fourth,
`supportdesk.restores`, a ticket of the archive gets back its own number, and no other ticket can get it.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from models.db.statement import Statement
from models.events.search_due import GUARDED, IN_MAIL, ON_GONE, ON_NOTE, ON_USER

CHANNEL = "supportdesk"

# Without an actor the change came from another program, which names the actor in an activity row right after.
ACTOR_DELAY = "3 seconds"

# Records an event and notifies who listens.
_RECORD = f"""
CREATE OR REPLACE FUNCTION mail.record(
    kind text, ticket bigint, field text DEFAULT NULL, was text DEFAULT NULL, becomes text DEFAULT NULL,
    comment text DEFAULT NULL
) RETURNS void
{GUARDED} AS $$
DECLARE
    actor bigint := nullif(current_setting('supportdesk.actor', true), '')::bigint;
    cause bigint := nullif(current_setting('supportdesk.cause', true), '')::bigint;
BEGIN
    INSERT INTO mail.event (kind, ticket_number, field, old, new, comment_id, actor, cause, due_at)
    VALUES (kind, ticket, field, was, becomes, comment, actor, cause,
            now() + CASE WHEN actor IS NULL THEN interval '{ACTOR_DELAY}' ELSE interval '0' END);
    PERFORM pg_notify('{CHANNEL}', '');
END $$
"""

# The number of a ticket, given at first sight; one that comes back from the archive has one.
_NUMBER_TICKET = f"""
CREATE OR REPLACE FUNCTION mail.number_of_ticket(id text) RETURNS bigint
{GUARDED} AS $$
DECLARE
    known bigint;
BEGIN
    SELECT t.number INTO known FROM mail.ticket t WHERE t.ticket_id = id;
    IF known IS NULL AND current_setting('supportdesk.restores', true) = 'on' THEN
        UPDATE mail.ticket t SET ticket_id = a.ticket_id FROM mail.archive a
        WHERE a.ticket_id = id AND t.number = a.number AND t.ticket_id IS NULL RETURNING t.number INTO known;
    END IF;
    IF known IS NULL THEN
        INSERT INTO mail.ticket (ticket_id) VALUES (id)
        ON CONFLICT (ticket_id) DO UPDATE SET ticket_id = excluded.ticket_id RETURNING number INTO known;
    END IF;
    RETURN known;
END $$
"""

# Records an event for a new ticket, and one for each field that changed; a description's texts stay out of it.
_ON_TICKET = f"""
CREATE OR REPLACE FUNCTION mail.on_ticket() RETURNS trigger
{GUARDED} AS $$
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

# Records an event for a new comment; the search reads one that was changed or deleted, too.
_ON_COMMENT = f"""
CREATE OR REPLACE FUNCTION mail.on_comment() RETURNS trigger
{GUARDED} AS $$
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

FUNCTIONS = (_RECORD, _NUMBER_TICKET, ON_USER, _ON_TICKET, _ON_COMMENT, ON_NOTE, ON_GONE)
SIGNATURES = (
    "record(text, bigint, text, text, text, text)",
    "number_of_ticket(text)",
    "on_user()",
    "on_ticket()",
    "on_comment()",
    "on_note()",
    "on_gone()",
)

# The trigger's name, its table in `public`, when it fires and the function it calls.
TRIGGERS = (
    ("supportdesk_user", "User", "AFTER INSERT OR UPDATE OF name, email", "on_user"),
    ("supportdesk_ticket", "Ticket", "AFTER INSERT OR UPDATE", "on_ticket"),
    ("supportdesk_comment", "Comment", 'AFTER INSERT OR UPDATE OF content, "ticketId" OR DELETE', "on_comment"),
)

# In SQL, whether all of them are there and fire. Every mail asks it: PostgreSQL compares the names first, so that it
# looks only for the tables of the three.
ARE_TRIGGERS_THERE = """
(SELECT count(*) FROM pg_trigger g WHERE g.tgname = ANY('{{{names}}}'::name[]) AND g.tgenabled <> 'D' AND ({found}))
= {all}""".format(
    names=",".join(name for name, *_ in TRIGGERS),
    found=" OR ".join(
        f"(g.tgname = '{name}' AND g.tgrelid = to_regclass('public.\"{table}\"'))" for name, table, _, _ in TRIGGERS
    ),
    all=len(TRIGGERS),
)

_NUMBER_PEOPLE = """
WITH numbered AS (
    INSERT INTO mail.person (user_id) SELECT u.id FROM public."User" u ORDER BY u."createdAt", u.id
    ON CONFLICT (user_id) DO NOTHING RETURNING number
)
INSERT INTO mail.search_due (person_number) SELECT number FROM numbered
"""
_NUMBER_TICKETS = """
WITH numbered AS (
    INSERT INTO mail.ticket (ticket_id) SELECT t.id FROM public."Ticket" t ORDER BY t."createdAt", t.id
    ON CONFLICT (ticket_id) DO NOTHING RETURNING number
)
INSERT INTO mail.search_due (ticket_number) SELECT number FROM numbered
"""

# The value holds for the transaction only, so a pooled connection carries nothing over.
_SET_LOCAL = Statement("""
SELECT set_config(name, value, true)
FROM unnest(CAST(:names AS text[]), CAST(:values AS text[])) AS given(name, value)
""")


def install(connection: Connection) -> None:
    """Create the functions and triggers, or replace those that are there."""
    for statement in FUNCTIONS:
        connection.execute(text(statement))
    # Nobody but the triggers runs them with their owner's rights, not even who may use the schema.
    for signature in SIGNATURES:
        connection.execute(text(f"REVOKE ALL ON FUNCTION mail.{signature} FROM PUBLIC"))
    for name, table, when, function in TRIGGERS:
        trigger = f'CREATE OR REPLACE TRIGGER {name} {when} ON public."{table}"'
        connection.execute(text(f"{trigger} FOR EACH ROW EXECUTE FUNCTION mail.{function}()"))
    for name, when, function in IN_MAIL:
        trigger = f"CREATE OR REPLACE TRIGGER {name} {when}"
        connection.execute(text(f"{trigger} EXECUTE FUNCTION mail.{function}()"))


def number_adopted(connection: Connection) -> None:
    """Give numbers to people and tickets that were there before the triggers, oldest first."""
    connection.execute(text(_NUMBER_PEOPLE))
    connection.execute(text(_NUMBER_TICKETS))


def mark(session: Session, *, actor: int | None = None, cause: int | None = None, quiet: bool = False) -> None:
    """Set to which person, by number, and mail, by ledger id, the transaction's changes are put down.

    Changes of a `quiet` transaction are recorded as no events.
    """
    settings = {
        "supportdesk.actor": None if actor is None else str(actor),
        "supportdesk.cause": None if cause is None else str(cause),
        "supportdesk.quiet": "on" if quiet else None,
    }
    given = {name: value for name, value in settings.items() if value is not None}
    if given:
        _SET_LOCAL.write(session, {"names": list(given), "values": list(given.values())})
