"""Mails that were brought along from files: those that are known, their rows, and what they make of their tickets."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from desk.facts import Imported
from models.db.base import utc_millis
from models.db.statement import Statement
from models.ledger.rows import NewMail, store
from models.supportdesk.cuid import new_id

# No server gives this UIDVALIDITY, which is a number above zero (RFC 9051, 2.3.1.1).
UIDVALIDITY: Final = 0

_LOCK: Final = Statement("""
SELECT pg_try_advisory_lock(hashtextextended('supportdesk import', :mailbox)) AS ours
""")
_UNLOCK: Final = Statement("SELECT pg_advisory_unlock(hashtextextended('supportdesk import', :mailbox))")
_FIND_MAILBOX: Final = Statement("SELECT id FROM mail.mailbox WHERE name = :name")
# The clocks of a server and ours, and a look that takes long, are less than an hour apart.
_LAST_LOOK: Final = Statement("""
SELECT polled_at - interval '1 hour' AS since, now() AS now FROM mail.mailbox
WHERE name = :name AND polled_at IS NOT NULL
""")
# A mail without a name is the same only where it came on the same way, which its number in a file says.
_IS_KNOWN: Final = Statement(f"""
SELECT EXISTS (
    SELECT FROM mail.ledger l WHERE l.fingerprint = :fingerprint AND l.fate IS DISTINCT FROM 'baseline'
        AND (:named OR (l.uidvalidity = {UIDVALIDITY} AND l.uid = :uid))
) AS known
""")
# Nothing is left to do for it on a server.
_MARK: Final = Statement("""
UPDATE mail.ledger SET imported_at = now(), import_vouched = :vouched, import_open = :stays_open, server_done_at = now()
WHERE id = :row
""")
# A new ticket is over at once, unless it is to stay open.
_CLOSE: Final = Statement("""
UPDATE public."Ticket" t SET status = 'closed', "closedAt" = :now, "updatedAt" = :now
FROM mail.ticket n WHERE n.number = :ticket AND t.id = n.ticket_id
""")
# Whether a ticket was opened by a mail from a file.
_IS_IMPORTED: Final = """
EXISTS (SELECT FROM mail.ledger l WHERE l.id = (
    SELECT min(first.id) FROM mail.ledger first WHERE first.ticket_number = n.number
) AND l.imported_at IS NOT NULL)
"""
# A ticket that is over ends with its last mail; one of today's stays as it is.
_END_LATER: Final = Statement(f"""
UPDATE public."Ticket" t SET "closedAt" = greatest(t."closedAt", CAST(:now AS timestamp(3))),
    "updatedAt" = greatest(t."updatedAt", CAST(:now AS timestamp(3)))
FROM mail.ticket n WHERE n.number = :ticket AND t.id = n.ticket_id AND t.status = 'closed' AND {_IS_IMPORTED}
""")
# Whoever of today's staff answered last has the ticket, unless somebody has said since whose it is.
_GIVE: Final = Statement(f"""
WITH given AS (
    UPDATE public."Ticket" t SET "assignedToId" = :owner
    FROM mail.ticket n WHERE n.number = :ticket AND t.id = n.ticket_id
        AND t."assignedToId" IS DISTINCT FROM :owner AND {_IS_IMPORTED}
        AND NOT EXISTS (SELECT FROM mail.event e WHERE e.ticket_number = n.number AND e.field = 'assignee')
        AND NOT EXISTS (
            SELECT FROM public."Comment" c JOIN mail.person p ON p.user_id = c."userId"
            JOIN mail.staff s ON s.person_number = p.number
            WHERE c."ticketId" = t.id AND c."createdAt" > CAST(:now AS timestamp(3))
        )
    RETURNING t.id
)
INSERT INTO public."TicketActivity" (id, "ticketId", "userId", action, description, "createdAt")
SELECT :activity, given.id, :owner, 'updated', 'Ticket assigned', CAST(:now AS timestamp(3)) + interval '1 millisecond'
FROM given
""")


def begin_import(session: Session, mailbox_id: int) -> bool:
    """Keep others from importing into a mailbox until `end_import` or the end of the connection; False where one is."""
    return bool(_LOCK.one(session, {"mailbox": mailbox_id}).ours)


def end_import(session: Session, mailbox_id: int) -> None:
    """Let others import into a mailbox."""
    _UNLOCK.one(session, {"mailbox": mailbox_id})


def find_mailbox(session: Session, name: str) -> int | None:
    """The id of a mailbox that was used before, without a change of it."""
    row = _FIND_MAILBOX.one(session, {"name": name})
    return row.id if row else None


def read_awaited(session: Session, name: str) -> tuple[datetime, datetime] | None:
    """From when until when mails came that a mailbox's server may show yet; None where nobody has read it so far.

    What was there at the first look is never shown.
    """
    row = _LAST_LOOK.one(session, {"name": name})
    return (row.since, row.now) if row else None


def is_known(session: Session, fingerprint: bytes, uid: int, *, named: bool) -> bool:
    """Whether the ledger has a mail already, from a server or a file; `uid` tells mails without a name apart."""
    return bool(_IS_KNOWN.one(session, {"fingerprint": fingerprint, "uid": uid, "named": named}).known)


def store_imported(session: Session, mail: NewMail, imported: Imported) -> int | None:
    """Store a mail from a file; the id of its row, None where the ledger has it from a file already."""
    row = store(session, mail)
    if row is not None:
        _MARK.write(session, {"row": row, "vouched": imported.vouched, "stays_open": imported.stays_open})
    return row


def close_imported(session: Session, ticket: int, at: datetime) -> None:
    """Let a ticket be over that an old mail opened just now."""
    _CLOSE.write(session, {"ticket": ticket, "now": utc_millis(at)})


def end_later(session: Session, ticket: int, at: datetime) -> None:
    """Move the end of a ticket behind an old mail of it, where an old mail opened it."""
    _END_LATER.write(session, {"ticket": ticket, "now": utc_millis(at)})


def give_imported(session: Session, ticket: int, owner: str, at: datetime) -> None:
    """Give a ticket that an old mail opened to who answered it at that time, by the id of their "User" row."""
    _GIVE.write(session, {"ticket": ticket, "owner": owner, "now": utc_millis(at), "activity": new_id()})
