"""Earlier mails between the desk and people, which new mails continue; read for many mails at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.db.statement import Statement

# Free ids of the outbox.
_IDS = Statement("SELECT nextval(pg_get_serial_sequence('mail.outbox', 'id')) FROM generate_series(1, :count)")
# The mailbox to which the first mail of each ticket came.
_MAILBOXES = Statement("""
SELECT DISTINCT ON (l.ticket_number) l.ticket_number, m.name
FROM mail.ledger l JOIN mail.mailbox m ON m.id = l.mailbox_id
WHERE l.ticket_number = ANY(CAST(:tickets AS bigint[])) ORDER BY l.ticket_number, l.id
""")
# The Message-IDs of the mails from and to a person about a ticket, oldest first. A ticket has few mails and a colleague
# very many, which the planner cannot know: `+ 0` keeps it from the index by person.
_THREADS = Statement("""
SELECT a.ticket, a.person, mail.message_id
FROM unnest(CAST(:tickets AS bigint[]), CAST(:people AS bigint[])) AS a(ticket, person)
CROSS JOIN LATERAL (
    SELECT o.message_id, o.written_at AS at FROM mail.outbox o
    WHERE o.ticket_number = a.ticket AND o.person_number + 0 = a.person
    UNION ALL
    SELECT l.message_id, CASE WHEN l.imported_at IS NULL THEN l.stored_at ELSE l.internal_date END FROM mail.ledger l
    WHERE l.ticket_number = a.ticket AND l.person_number + 0 = a.person AND l.message_id IS NOT NULL
) AS mail
ORDER BY a.ticket, a.person, mail.at
""")
# Those of these people to whom a mail was sent or is about to be sent.
_WRITTEN_TO = Statement("""
SELECT a.person FROM unnest(CAST(:people AS bigint[])) AS a(person) CROSS JOIN LATERAL (
    SELECT FROM mail.outbox o WHERE o.person_number = a.person AND (o.fate IS NULL OR o.fate = 'sent') LIMIT 1
) AS written
""")
# The tickets that have notes.
_NOTED = Statement("SELECT DISTINCT ticket_number FROM mail.note WHERE ticket_number = ANY(CAST(:tickets AS bigint[]))")


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The earlier mails that new mails continue.

    `ids` are free ids of the outbox, one for each new mail; `mailboxes` the name of the mailbox of each ticket;
    `threads` the Message-IDs from and to a person about a ticket, by (ticket, person), oldest first; `correspondents`
    the people who were written to before; `tickets_with_notes` those that have internal notes.
    """

    ids: Sequence[int]
    mailboxes: Mapping[int, str]
    threads: Mapping[tuple[int, int], Sequence[str]]
    correspondents: frozenset[int]
    tickets_with_notes: frozenset[int]


def read_correspondence(session: Session, mails: Sequence[tuple[int | None, int]]) -> Correspondence:
    """The earlier mails for new ones, which are given as (ticket or None, person), both by number."""
    tickets = sorted({ticket for ticket, _ in mails if ticket})
    people = sorted({person for _, person in mails})
    pairs = sorted({(ticket, person) for ticket, person in mails if ticket})
    mailboxes = _MAILBOXES.rows(session, {"tickets": tickets}) if tickets else ()
    noted = _NOTED.rows(session, {"tickets": tickets}) if tickets else ()
    return Correspondence(
        ids=[row.nextval for row in _IDS.rows(session, {"count": len(mails)})],
        mailboxes={row.ticket_number: row.name for row in mailboxes},
        threads=_threads(session, pairs),
        correspondents=frozenset(row.person for row in _WRITTEN_TO.rows(session, {"people": people})),
        tickets_with_notes=frozenset(row.ticket_number for row in noted),
    )


def _threads(session: Session, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """The Message-IDs of each pair of ticket and person, oldest first."""
    found: dict[tuple[int, int], list[str]] = {pair: [] for pair in pairs}
    if found:
        values = {"tickets": [ticket for ticket, _ in found], "people": [person for _, person in found]}
        for row in _THREADS.rows(session, values):
            found[row.ticket, row.person].append(row.message_id)
    return found
