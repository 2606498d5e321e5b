"""Taking back what a mail wrote on a ticket, and whom it let take part; and who has changed a value since."""

from typing import Final

from sqlalchemy.orm import Session

from desk.commands.taking_back import LastMail
from models.db.statement import Statement

_COMMENT: Final = Statement("""
DELETE FROM public."Comment" WHERE id = :comment RETURNING content
""")
_UNNAME_NOTE: Final = Statement("""
UPDATE mail.event SET note_id = NULL WHERE ticket_number = :ticket AND note_id = :note
    AND EXISTS (SELECT FROM mail.note n WHERE n.id = :note AND n.accepted_at IS NULL)
""")
_NOTE: Final = Statement("DELETE FROM mail.note WHERE id = :note AND accepted_at IS NULL RETURNING text")
# Its raw bytes stay in the ledger.
_FILES: Final = Statement("DELETE FROM mail.attachment WHERE ledger_id = :mail AND ticket_number = :ticket")
# Who takes part since the very moment of the mail does so by that mail.
_PEOPLE: Final = Statement("""
WITH moment AS (
    SELECT changed_at AS at FROM mail.command WHERE id = :id
), parts AS (
    DELETE FROM mail.participant p USING moment
    WHERE p.ticket_number = :ticket AND p.since = moment.at AND p.person_number <> :person RETURNING 1
), guests AS (
    DELETE FROM mail.guest g USING moment
    WHERE g.ticket_number = :ticket AND g.since = moment.at AND g.added_by = :person RETURNING 1
)
SELECT (SELECT count(*) FROM parts) + (SELECT count(*) FROM guests) AS people
""")
# The last change of a field, whichever program made it, and the name of who did.
_LATEST: Final = Statement("""
SELECT e.cause, (
    SELECT coalesce(u.name, split_part(u.email, '@', 1)) FROM public."TicketActivity" a
    JOIN public."User" u ON u.id = a."userId" JOIN mail.ticket t ON t.ticket_id = a."ticketId"
    WHERE t.number = e.ticket_number AND a.description LIKE :activity
    ORDER BY a."createdAt" DESC, a.id DESC LIMIT 1
) AS name
FROM mail.event e WHERE e.ticket_number = :ticket AND e.kind = 'ticket_changed' AND e.field = :field
ORDER BY e.id DESC LIMIT 1
""")
_MERGED: Final = Statement("SELECT merged_into, ticket_id IS NULL AS gone FROM mail.ticket WHERE number = :ticket")


def take_comment(session: Session, last: LastMail, comment: str) -> str | None:
    """Take the comment of a mail off its ticket, with its files; its text, or None where it is gone."""
    row = _COMMENT.one(session, {"comment": comment})
    if row is None:
        return None
    _FILES.write(session, {"mail": last.mail, "ticket": last.ticket})
    return str(row.content)


def take_note(session: Session, last: LastMail, note: int) -> str | None:
    """Take the note of a mail off its ticket, with its files; its text, or None where it is gone or accepted."""
    _UNNAME_NOTE.write(session, {"ticket": last.ticket, "note": note})
    row = _NOTE.one(session, {"note": note})
    if row is None:
        return None
    _FILES.write(session, {"mail": last.mail, "ticket": last.ticket})
    return str(row.text)


def take_people(session: Session, last: LastMail) -> int:
    """Let those take part no longer whom a mail let take part; how many of them did until now."""
    row = _PEOPLE.one(session, {"id": last.id, "ticket": last.ticket, "person": last.person})
    return int(row.people)


def changed_since(session: Session, last: LastMail, field: str, activity: str) -> tuple[bool, str]:
    """Whether somebody gave a field of the ticket another value after a mail did, and the name of who did it last.

    `activity` is what the line of the ticket's history about such a change is like.
    """
    row = _LATEST.one(session, {"ticket": last.ticket, "field": field, "activity": activity})
    return (False, "") if row is None else (row.cause != last.mail, row.name or "")


def merged_or_gone(session: Session, ticket: int) -> tuple[int | None, bool]:
    """Into which ticket one was merged, by number, and whether its own row is gone or archived."""
    row = _MERGED.one(session, {"ticket": ticket})
    return (None, True) if row is None else (row.merged_into, row.gone)
