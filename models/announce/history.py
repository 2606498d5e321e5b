"""What came before an event on its ticket, and who wrote notes there: read in the statement that reads the events."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from desk.notices.events import Continued, CustomerWords, EarlierTicket, EventKind, Field, History, Turn
from desk.ticket import UNPROVEN_SENDERS, Person, Status, known
from models.supportdesk.tables import STATUS

MOST_TURNS, MOST_TICKETS, MOST_SIGNS = 5, 3, 4000

# The last public turn of a ticket, `{0}` being its number: its last comment, or else its description.
_LAST_WORDS = f"""
COALESCE((
    SELECT left(c.content, {MOST_SIGNS}) FROM public."Comment" c WHERE c."ticketId" = earlier.id
    ORDER BY c."createdAt" DESC LIMIT 1
), left(earlier.description, {MOST_SIGNS}))
"""
# Comments and notes of the ticket of event `e`, the newest first, without those of the event's own transaction, which
# its mail tells already. A note that was accepted is among the comments.
_TURNS = f"""
SELECT jsonb_agg(turn ORDER BY turn.at) FROM (
    SELECT * FROM (
        (SELECT p.number AS author, NULL AS sender, left(c.content, {MOST_SIGNS}) AS text,
            c."createdAt" AT TIME ZONE 'UTC' AS at, false AS is_note
        FROM public."Comment" c JOIN mail.person p ON p.user_id = c."userId"
        WHERE c."ticketId" = mine.ticket_id AND NOT EXISTS (
            SELECT FROM mail.event x WHERE x.ticket_number = e.ticket_number AND x.comment_id = c.id
                AND x.transaction = e.transaction
        ) ORDER BY c."createdAt" DESC LIMIT {MOST_TURNS})
        UNION ALL
        (SELECT n.person_number, (SELECT l.sender FROM mail.ledger l WHERE l.id = n.ledger_id),
            left(n.text, {MOST_SIGNS}), n.written_at, true
        FROM mail.note n WHERE n.ticket_number = e.ticket_number AND n.accepted_at IS NULL AND NOT EXISTS (
            SELECT FROM mail.event x WHERE x.ticket_number = e.ticket_number AND x.note_id = n.id
                AND x.transaction = e.transaction
        ) ORDER BY n.written_at DESC LIMIT {MOST_TURNS})
    ) AS both_kinds ORDER BY at DESC LIMIT {MOST_TURNS}
) AS turn
"""
# The ticket that this one goes on from.
_CONTINUES = f"""
SELECT jsonb_build_object('number', before.number, 'title', left(earlier.title, {MOST_SIGNS}),
    'status', {STATUS.format("earlier")}, 'words', {_LAST_WORDS})
FROM mail.ticket before JOIN public."Ticket" earlier ON earlier.id = before.ticket_id
WHERE before.number = mine.continues
"""
# The customer's last tickets but this one; their numbers, which triggers give, are looked up last, for some customers
# have many. All unproven senders share one row, and are no one customer.
_LATEST = f"""
SELECT jsonb_agg(jsonb_build_object('number', anchor.number, 'title', left(latest.title, {MOST_SIGNS}),
    'status', {STATUS.format("latest")}) ORDER BY anchor.number DESC)
FROM (
    SELECT o.* FROM public."Ticket" t JOIN public."Ticket" o ON o."createdById" = t."createdById" AND o.id <> t.id
    WHERE t.id = mine.ticket_id AND t."createdById" <> '{UNPROVEN_SENDERS}'
    ORDER BY o."createdAt" DESC LIMIT {MOST_TICKETS}
) AS latest JOIN mail.ticket anchor ON anchor.ticket_id = latest.id
"""
# The history that the mail about an assignment tells, as a column for event `e`; NULL for all other events.
HISTORY_COLUMN: Final = f"""
CASE WHEN e.kind = '{EventKind.TICKET_OPENED}' OR e.field = '{Field.ASSIGNEE}' AND e.new IS NOT NULL THEN (
    SELECT jsonb_build_object('turns', ({_TURNS}), 'continues', ({_CONTINUES}), 'latest', ({_LATEST}))
    FROM mail.ticket mine WHERE mine.number = e.ticket_number
) END AS history
"""
# Who has written notes on the ticket of event `e`, by number; NULL for all events but a new note.
NOTE_AUTHORS_COLUMN: Final = f"""
CASE WHEN e.kind = '{EventKind.NOTE_ADDED}' THEN ARRAY(
    SELECT DISTINCT n.person_number FROM mail.note n
    WHERE n.ticket_number = e.ticket_number AND n.person_number IS NOT NULL ORDER BY 1
) END AS note_authors
"""

# The customer's last public words before the comment of event `e`, or else the description; NULL for all other events
# and for the customer's own comments. Notes are in another table, and never read here.
ANSWERED_COLUMN: Final = f"""
CASE WHEN e.kind = '{EventKind.COMMENT_ADDED}' THEN (
    SELECT jsonb_build_object('text', COALESCE(earlier.content, left(t.description, {MOST_SIGNS})),
        'at', COALESCE(earlier."createdAt", t."createdAt") AT TIME ZONE 'UTC')
    FROM public."Comment" answer JOIN public."Ticket" t ON t.id = answer."ticketId"
    LEFT JOIN LATERAL (
        SELECT left(c.content, {MOST_SIGNS}) AS content, c."createdAt" FROM public."Comment" c
        WHERE c."ticketId" = t.id AND c."userId" = t."createdById" AND c."createdAt" < answer."createdAt"
        ORDER BY c."createdAt" DESC LIMIT 1
    ) AS earlier ON true
    WHERE answer.id = e.comment_id AND answer."userId" <> t."createdById"
) END AS answered
"""


def authors_of(history: Mapping[str, Any] | None) -> Iterator[int]:
    """The numbers of the people who wrote the turns of a history, as the statement gives it."""
    return (turn["author"] for turn in (history or {}).get("turns") or () if turn["author"])


def history_of(history: Mapping[str, Any] | None, person: Callable[[int | None], Person | None]) -> History | None:
    """A history as a value; `person` gives somebody by their number."""
    if history is None:
        return None
    continues = history["continues"]
    return History(
        turns=tuple(_turn(turn, person(turn["author"])) for turn in history["turns"] or ()),
        continues=Continued(_earlier(continues), continues["words"]) if continues else None,
        latest=tuple(_earlier(ticket) for ticket in history["latest"] or ()),
    )


def answered_of(answered: Mapping[str, Any] | None) -> CustomerWords | None:
    """What a comment answers as a value; None where the statement gives nothing."""
    return CustomerWords(answered["text"], datetime.fromisoformat(answered["at"])) if answered else None


def _turn(turn: Mapping[str, Any], author: Person | None) -> Turn:
    name = author.name if author else turn["sender"] or "somebody"
    return Turn(name, turn["text"], datetime.fromisoformat(turn["at"]), is_note=turn["is_note"])


def _earlier(ticket: Mapping[str, Any]) -> EarlierTicket:
    return EarlierTicket(ticket["number"], ticket["title"], known(Status, ticket["status"]))
