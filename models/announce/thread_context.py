"""What passed between the desk and people before: what new mails to them go on from, read for many at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.db.statement import Statement

# Ids of the outbox for so many mails.
_IDS = Statement("SELECT nextval(pg_get_serial_sequence('mail.outbox', 'id')) FROM generate_series(1, :count)")
# The mailbox to which the first mail of each ticket came.
_MAILBOXES = Statement("""
SELECT DISTINCT ON (l.ticket_number) l.ticket_number, m.name
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
WHERE l.ticket_number = ANY(CAST(:tickets AS bigint[])) ORDER BY l.ticket_number, l.id
""")
# The Message-IDs of the mails of each ticket from and to a person, oldest first. A ticket has few mails and a colleague
# very many, which the planner cannot tell: the sum keeps it from the index by person.
_THREADS = Statement("""
SELECT a.ticket, a.person, mail.message_id
FROM unnest(CAST(:tickets AS bigint[]), CAST(:people AS bigint[])) AS a(ticket, person)
CROSS JOIN LATERAL (
    SELECT o.message_id, o.written_at AS at FROM mail.outbox o
    WHERE o.ticket_number = a.ticket AND o.person_number + 0 = a.person
    UNION ALL
    SELECT l.message_id, l.stored_at FROM mail.ledger l
    WHERE l.ticket_number = a.ticket AND l.person_number + 0 = a.person AND l.message_id IS NOT NULL
) AS mail
ORDER BY a.ticket, a.person, mail.at
""")
# The people to whom a mail was written that went or is to go.
_MET = Statement("""
SELECT a.person FROM unnest(CAST(:people AS bigint[])) AS a(person) CROSS JOIN LATERAL (
    SELECT FROM mail.outbox o WHERE o.person_number = a.person AND (o.fate IS NULL OR o.fate = 'sent') LIMIT 1
) AS written
""")
# The tickets that have notes.
_NOTED = Statement("SELECT DISTINCT ticket_number FROM mail.note WHERE ticket_number = ANY(CAST(:tickets AS bigint[]))")


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What new mails go on from.

    `ids` are free ids of the outbox, one for each mail; `mailboxes` the names of the mailboxes that tickets came to;
    `threads` the Message-IDs that a person knows of a ticket, by both numbers, theirs and ours, oldest first; `met`
    the people who were written to before; `noted` the tickets that have internal notes.
    """

    ids: Sequence[int]
    mailboxes: Mapping[int, str]
    threads: Mapping[tuple[int, int], Sequence[str]]
    met: frozenset[int]
    noted: frozenset[int]


def read_correspondence(session: Session, mails: Sequence[tuple[int | None, int]]) -> Correspondence:
    """What passed before, for mails given as (ticket or None, person)."""
    tickets = sorted({ticket for ticket, _ in mails if ticket})
    people = sorted({person for _, person in mails})
    pairs = sorted({(ticket, person) for ticket, person in mails if ticket})
    about = {"tickets": tickets}
    mailboxes = _MAILBOXES.rows(session, about) if tickets else ()
    return Correspondence(
        ids=[row.nextval for row in _IDS.rows(session, {"count": len(mails)})],
        mailboxes={row.ticket_number: row.name for row in mailboxes},
        threads=_threads(session, pairs),
        met=frozenset(row.person for row in _MET.rows(session, {"people": people})),
        noted=frozenset(row.ticket_number for row in _NOTED.rows(session, about)) if tickets else frozenset(),
    )


def _threads(session: Session, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """The Message-IDs of each pair of ticket and person, oldest first."""
    found: dict[tuple[int, int], list[str]] = {pair: [] for pair in pairs}
    if found:
        values = {"tickets": [ticket for ticket, _ in found], "people": [person for _, person in found]}
        for row in _THREADS.rows(session, values):
            found[row.ticket, row.person].append(row.message_id)
    return found
