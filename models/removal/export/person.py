"""What the desk has of one person, for them (GDPR, art. 15 and 20): which rows, and what of each is theirs to have.

A ticket that they opened, or of which they were sent mails, is a conversation that they had part in. Of any other
ticket only their own comments are theirs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.ticket import Role
from models.db.statement import Statement
from models.removal.export.moments import prismas, utc
from models.removal.export.tickets import PAGE, ExportFilter, read_tickets
from models.removal.privacy.find import DataSubject, Traces

# An address in a sentence of the desk or of the web application.
_ADDRESS: Final = re.compile(r"[^\s<>()@,;:\"]{1,64}@[^\s<>()@,;:\"]{1,255}")
_SOMEBODY: Final = "somebody"

# The mails of ours that they were sent as a customer, and as staff none: those tell of others.
_SENT: Final = Statement(f"""
SELECT o.id, o.ticket_number FROM mail.outbox o
WHERE o.role = '{Role.CUSTOMER}' AND (o.person_number = ANY(CAST(:numbers AS bigint[]))
    OR (o.correspondent = ANY(CAST(:folds AS text[])) AND o.recipient = ANY(CAST(:addresses AS text[]))))
ORDER BY o.id
""")
# Their comments on tickets other than these.
_ELSEWHERE: Final = Statement(f"""
SELECT json_build_object('kind', 'comment', 'ticket', a.number, 'id', c.id, 'at', {prismas('c."createdAt"')},
    'text', c.content) AS value
FROM public."Comment" c JOIN mail.ticket a ON a.ticket_id = c."ticketId"
WHERE c."userId" = ANY(CAST(:users AS text[])) AND a.number <> ALL(CAST(:tickets AS bigint[]))
ORDER BY a.number, c."createdAt", c.id
""")
# What stands of their addresses on the list of those that get no mail, and by what they log in, without any token.
_ABOUT: Final = (
    Statement(f"""
    SELECT json_build_object('kind', 'suppression', 'address', s.address, 'reason', s.reason, 'since', {utc("s.since")},
        'expires_at', {utc("s.expires_at")}) AS value
    FROM mail.suppression s WHERE s.address = ANY(CAST(:addresses AS text[])) ORDER BY s.address
    """),
    Statement("""
    SELECT json_build_object('kind', 'login', 'provider', l.provider, 'account', l."providerAccountId") AS value
    FROM public."Account" l WHERE l."userId" = ANY(CAST(:users AS text[])) ORDER BY l.id
    """),
)
# The files that came with their mails, and that were sent to them.
_FILES: Final = Statement("""
SELECT b.sha256, b.size FROM mail.blob b WHERE b.sha256 IN (
    SELECT a.sha256 FROM mail.attachment a WHERE a.ledger_id = ANY(CAST(:mails AS bigint[]))
    UNION SELECT f.sha256 FROM mail.outbox_file f WHERE f.outbox_id = ANY(CAST(:sent AS bigint[]))
) ORDER BY b.sha256
""")


def sent_to(session: Session, person: DataSubject) -> dict[int, int | None]:
    """The mails of ours that they were sent as a customer, each with its ticket's number, by number."""
    values = {
        "numbers": list(person.numbers),
        "addresses": list(person.addresses),
        "folds": [fold(address) for address in person.addresses],
    }
    return {row.id: row.ticket_number for row in _SENT.rows(session, values)}


def conversations(session: Session, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The tickets of these numbers with all that was said on them, whole and by number, a page at a time.

    A ticket that is not in `public` any more has no conversation here.
    """
    wanted, after = ExportFilter(sorted(set(numbers))), 0
    while page := read_tickets(session, wanted, after, PAGE) if wanted.tickets else []:
        yield from page
        after = page[-1]["number"]


def comments_elsewhere(session: Session, person: DataSubject, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Their comments on tickets other than these."""
    values = {"users": list(person.users), "tickets": list(numbers)}
    return [row.value for row in _ELSEWHERE.rows(session, values)]


def facts_about(session: Session, person: DataSubject) -> list[dict[str, Any]]:
    """What else is kept of them: addresses that get no mail, and their logins at outside providers."""
    values = {"addresses": list(person.addresses), "users": list(person.users)}
    return [row.value for statement in _ABOUT for row in statement.rows(session, values)]


def files_of(session: Session, traces: Traces, sent: Iterable[int]) -> list[tuple[bytes, int]]:
    """The files that they sent or were sent, as SHA-256 and size in bytes."""
    rows = _FILES.rows(session, {"mails": list(traces.mails), "sent": list(sent)})
    return [(bytes(row.sha256), row.size) for row in rows]


def for_person(ticket: Mapping[str, Any], person: DataSubject, *, with_notes: bool) -> dict[str, Any]:
    """What of a ticket its person gets: the conversation, in which others have a name and a role and no more.

    Notes of staff are left out, with their files, unless they are wanted `with_notes`; those in the person's own words
    stay. Why routing chose somebody is the desk's own.
    """
    own = frozenset(person.addresses)
    notes = [note for note in ticket["notes"] if with_notes or _is_own_note(note, own)]
    hidden = {note["mail"] for note in ticket["notes"] if note not in notes} - {None}
    shown = {key: value for key, value in ticket.items() if key not in {"assignments", "watchers", "waits_until"}}
    return shown | {
        "customer": _shown(ticket["customer"], own),
        "owner": _shown(ticket["owner"], own),
        "comments": [{**one, "author": _shown(one["author"], own)} for one in ticket["comments"]],
        "notes": [_shown_note(note, own) for note in notes],
        "activities": [
            {**one, "by": _shown(one["by"], own), "description": _without_addresses(one["description"], own)}
            for one in ticket["activities"]
        ],
        "participants": [_shown(one, own) for one in ticket["participants"]],
        "guests": [one for one in ticket["guests"] if one["address"] in own],
        "files": [file for file in ticket["files"] if file["mail"] not in hidden or file["comment"]],
    }


def _is_own_note(note: Mapping[str, Any], own: frozenset[str]) -> bool:
    return note["sender"] in own or _email_of(note["author"]) in own


def _shown_note(note: Mapping[str, Any], own: frozenset[str]) -> dict[str, Any]:
    sender = note["sender"] if note["sender"] in own else None
    return {**note, "author": _shown(note["author"], own), "sender": sender}


def _shown(somebody: Mapping[str, Any] | None, own: frozenset[str]) -> dict[str, Any] | None:
    """A person as another one may know them."""
    if somebody is None or _email_of(somebody) in own:
        return dict(somebody) if somebody else None
    return {"name": somebody["name"] or _SOMEBODY, "role": somebody["role"]}


def _email_of(somebody: Mapping[str, Any] | None) -> str:
    return str(somebody["email"]).lower() if somebody else ""


def _without_addresses(sentence: str, own: frozenset[str]) -> str:
    return _ADDRESS.sub(lambda found: found[0] if found[0].lower() in own else _SOMEBODY, sentence)
