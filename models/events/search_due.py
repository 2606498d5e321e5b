"""The functions and triggers that only say what the search has to read anew: of people, notes, and what is gone.

What they say is a row of `mail.search_due` and no more, for a change of the index would make the mail wait that brings
it (models/reports/search/fill.py). What is gone is taken out of the index at once.
"""

from typing import Final

# Each function runs with the rights of its owner, on a search path that no session can change.
GUARDED: Final = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, mail, pg_temp"

# Numbers a new person. Who has another name or address is found by it, with all of their tickets.
ON_USER: Final = f"""
CREATE OR REPLACE FUNCTION mail.on_user() RETURNS trigger
{GUARDED} AS $$
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
ON_NOTE: Final = f"""
CREATE OR REPLACE FUNCTION mail.on_note() RETURNS trigger
{GUARDED} AS $$
BEGIN
    INSERT INTO mail.search_due (ticket_number) VALUES (coalesce(NEW.ticket_number, OLD.ticket_number));
    RETURN NULL;
END $$
"""
# The row in `public` is gone: it was deleted, it is in the archive, or the web application's tables were made anew. Who
# reads it just now to index it would put it back, so it is looked at once more.
ON_GONE: Final = f"""
CREATE OR REPLACE FUNCTION mail.on_gone() RETURNS trigger
{GUARDED} AS $$
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

# Triggers on our own tables: the name, when it fires and for what, and the function it calls.
IN_MAIL: Final = (
    (
        "search_note",
        "AFTER INSERT OR UPDATE OF text, accepted_at OR DELETE ON mail.note FOR EACH ROW",
        "on_note",
    ),
    ("search_ticket", "AFTER UPDATE OF ticket_id ON mail.ticket FOR EACH ROW WHEN (NEW.ticket_id IS NULL)", "on_gone"),
    ("search_person", "AFTER UPDATE OF user_id ON mail.person FOR EACH ROW WHEN (NEW.user_id IS NULL)", "on_gone"),
)
