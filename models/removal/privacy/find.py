"""Finds one person, and every row that holds their words, their bytes or their name; `erase` erases them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.intake.rule_names import RuleName
from desk.ticket import UNPROVEN_SENDERS
from desk.trust.judge import Standing
from mail.mime.addresses import read_addresses
from mail.mime.headers import HEAD_BYTES, read_headers
from models.db.statement import Statement

# The "User" rows with an address.
_USERS = Statement('SELECT u.id FROM public."User" u WHERE lower(u.email COLLATE "C") = :address ORDER BY u.id')
# The numbers of the people of these "User" rows. Where the row is gone, or was erased before, the person is found by
# mails from or to the address: such came in or went out since.
_NUMBERS = Statement("""
SELECT p.number FROM mail.person p LEFT JOIN public."User" u ON u.id = p.user_id
WHERE p.user_id = ANY(CAST(:users AS text[])) OR (
    (p.user_id IS NULL OR u.email = 'forgotten-' || u.id || '@invalid') AND p.number IN (
        SELECT l.person_number FROM mail.ledger l WHERE l.correspondent = :fold AND l.sender = :address
        UNION ALL
        SELECT o.person_number FROM mail.outbox o WHERE o.correspondent = :fold AND o.recipient = :address
    )
) ORDER BY p.number
""")
# The addresses that they had before; one that somebody else has by now belongs to that person.
_FORMER = Statement("""
SELECT DISTINCT o.recipient FROM mail.outbox o
WHERE o.person_number = ANY(CAST(:numbers AS bigint[])) AND o.recipient <> ALL(ARRAY[:address, 'forgotten@invalid'])
    AND NOT EXISTS (
        SELECT FROM public."User" u
        WHERE lower(u.email COLLATE "C") = o.recipient AND u.id <> ALL(CAST(:users AS text[]))
    )
ORDER BY 1
""")
# Locks the rows of the person, in the order in which intake locks tickets and people.
_LOCKS = (
    Statement('SELECT 1 FROM public."Ticket" WHERE "createdById" = ANY(CAST(:users AS text[])) ORDER BY id FOR UPDATE'),
    Statement("SELECT 1 FROM mail.person WHERE number = ANY(CAST(:numbers AS bigint[])) ORDER BY number FOR UPDATE"),
    Statement('SELECT 1 FROM public."User" WHERE id = ANY(CAST(:users AS text[])) ORDER BY id FOR UPDATE'),
)
# The tickets that they opened, and those in nobody's name that a mail under their address did; where the row is gone,
# the sender of the ticket's first mail opened it.
_TICKETS = Statement("""
SELECT a.number, a.ticket_id FROM mail.ticket a LEFT JOIN public."Ticket" t ON t.id = a.ticket_id
WHERE t."createdById" = ANY(CAST(:users AS text[])) OR (t."createdById" = :nobody AND EXISTS (
    SELECT FROM mail.ledger l WHERE l.ticket_number = a.number AND l.sender = ANY(CAST(:addresses AS text[]))
        AND l.evidence ->> 'rule' = :opened
)) OR (a.ticket_id IS NULL AND (
    SELECT l.person_number FROM mail.ledger l WHERE l.ticket_number = a.number ORDER BY l.id LIMIT 1
) = ANY(CAST(:numbers AS bigint[]))) ORDER BY a.number
""")
# Their comments.
_COMMENTS = Statement('SELECT id FROM public."Comment" WHERE "userId" = ANY(CAST(:users AS text[]))')
# The mails that they wrote, and the reports on mails to them.
_MAILS = Statement("""
SELECT l.id FROM mail.ledger l
WHERE l.person_number = ANY(CAST(:numbers AS bigint[])) OR (
    l.sender = ANY(CAST(:addresses AS text[]))
    AND (l.person_number IS NULL OR l.person_number = ANY(CAST(:numbers AS bigint[])))
)
UNION SELECT b.ledger_id FROM mail.bounce b WHERE b.address = ANY(CAST(:addresses AS text[]))
""")
# Mails of which only their bytes say whose they are: undecided ones, those put away, and bounces, which are searched
# whole.
_UNREAD = Statement(f"""
SELECT l.id, l.evidence ->> 'rule' IS NOT DISTINCT FROM :bounced AS bounced, c.content
FROM mail.ledger l
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.evidence ->> 'rule' = :bounced THEN r.content
        ELSE substr(r.content, 1, {HEAD_BYTES}) END AS content
    FROM mail.raw_chunk r WHERE r.ledger_id = l.id AND r.position = 0
) AS c
WHERE (l.fate IS NULL OR l.fate IN ('quarantined', 'dropped') OR l.evidence ->> 'rule' = :bounced)
    AND l.id > :after
ORDER BY l.id LIMIT 50
""")
# The mails of staff on their tickets, which quote what they answer.
_ANSWERS = Statement("""
SELECT l.id FROM mail.ledger l
WHERE l.ticket_number = ANY(CAST(:tickets AS bigint[])) AND l.id <> ALL(CAST(:mails AS bigint[]))
    AND (l.evidence ->> 'standing' = :staff OR l.person_number IN (SELECT s.person_number FROM mail.staff s))
""")
# The notes that they wrote, and those without an author on their tickets.
_NOTES = Statement("""
SELECT n.id FROM mail.note n
WHERE n.person_number = ANY(CAST(:numbers AS bigint[])) OR n.ledger_id = ANY(CAST(:mails AS bigint[]))
    OR (n.ticket_number = ANY(CAST(:tickets AS bigint[])) AND n.person_number IS NULL AND n.ledger_id IS NULL)
""")
# The mails of ours to them or about what they wrote. One that belongs to no ticket, such as a report or a digest, may
# name a ticket of theirs with its title, one to staff who asked for it shows their words, and one about a like question
# has a title of theirs above what was answered.
_NOTICES = Statement("""
SELECT o.id FROM mail.outbox o LEFT JOIN mail.event e ON e.id = o.event_id
WHERE o.recipient = ANY(CAST(:addresses AS text[])) OR o.person_number = ANY(CAST(:numbers AS bigint[]))
    OR o.ticket_number = ANY(CAST(:tickets AS bigint[])) OR e.cause = ANY(CAST(:mails AS bigint[]))
    OR e.actor = ANY(CAST(:numbers AS bigint[])) OR e.person_number = ANY(CAST(:numbers AS bigint[]))
    OR e.note_id = ANY(CAST(:notes AS bigint[])) OR e.comment_id = ANY(CAST(:comments AS text[]))
    OR EXISTS (
        SELECT FROM jsonb_array_elements(e.details -> 'quarantined') AS mail
        WHERE CAST(mail ->> 'ledger_id' AS bigint) = ANY(CAST(:mails AS bigint[]))
    )
    OR (o.ticket_number IS NULL AND o.text ~ CAST(:tags AS text))
    OR EXISTS (
        SELECT FROM jsonb_array_elements(o.listed -> 'tickets') AS shown (number)
        WHERE CAST(shown.number AS bigint) = ANY(CAST(:tickets AS bigint[]))
    )
    OR EXISTS (
        SELECT FROM jsonb_array_elements(o.listed -> 'mails') AS shown (number)
        WHERE CAST(shown.number AS bigint) = ANY(CAST(:mails AS bigint[]))
    )
    OR EXISTS (
        SELECT FROM jsonb_array_elements(o.suggested) AS shown (source)
        WHERE CAST(shown.source ->> 0 AS bigint) = ANY(CAST(:tickets AS bigint[]))
    )
""")
# The files that came with these mails and went with these notices.
_BLOBS = Statement("""
SELECT a.sha256 FROM mail.attachment a WHERE a.ledger_id = ANY(CAST(:read AS bigint[]))
UNION SELECT f.sha256 FROM mail.outbox_file f WHERE f.outbox_id = ANY(CAST(:notices AS bigint[])) ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class DataSubject:
    """The person whose data are to be erased (GDPR, art. 4).

    `addresses` are the `address` asked for and those that they had before; `numbers` are ours, `users` the ids of their
    "User" rows.
    """

    address: str
    addresses: Sequence[str]
    numbers: Sequence[int]
    users: Sequence[str]


@dataclass(frozen=True, slots=True)
class Traces:
    """The rows that a person left.

    `mails` are ledger ids of what they wrote and of reports on mails to them; `answers` those of staff's mails on their
    tickets, which quote them. `tickets` are the numbers of the tickets that they opened, `ticket_ids` the rows of those
    that are still there. `notices` are the mails of ours that went to them or told of what they wrote, `blobs` the
    files that came and went along.
    """

    tickets: Sequence[int]
    ticket_ids: Sequence[str]
    comments: Sequence[str]
    mails: Sequence[int]
    answers: Sequence[int]
    notes: Sequence[int]
    notices: Sequence[int]
    blobs: Sequence[bytes]

    @property
    def read(self) -> list[int]:
        """The mails whose bytes go."""
        return sorted((*self.mails, *self.answers))


def find_subject(session: Session, address: str) -> DataSubject:
    """The person with a normalised address, whose account in SupportDesk may be gone."""
    users = [row.id for row in _USERS.rows(session, {"address": address})]
    values = {"address": address, "fold": fold(address), "users": users}
    numbers = [row.number for row in _NUMBERS.rows(session, values)]
    former = [row.recipient for row in _FORMER.rows(session, values | {"numbers": numbers})]
    return DataSubject(address, (address, *former), numbers, users)


def lock_subject(session: Session, person: DataSubject) -> None:
    """Let everybody who writes about a person wait until this transaction ends, and wait for those who do so now."""
    for lock in _LOCKS:
        lock.rows(session, {"users": list(person.users), "numbers": list(person.numbers)})


def find_traces(session: Session, person: DataSubject) -> Traces:
    """Every row that holds what a person wrote, or tells of it."""
    values: dict[str, Any] = {
        "users": list(person.users),
        "numbers": list(person.numbers),
        "addresses": list(person.addresses),
        "staff": Standing.STAFF,
        "nobody": UNPROVEN_SENDERS,
        "opened": RuleName.NEW_TICKET,
    }
    tickets = _TICKETS.rows(session, values)
    numbers = values["tickets"] = [row.number for row in tickets]
    comments = values["comments"] = _ids(_COMMENTS, session, values)
    mails = values["mails"] = sorted({*_ids(_MAILS, session, values), *_read_from_bytes(session, person)})
    answers = _ids(_ANSWERS, session, values)
    notes = values["notes"] = _ids(_NOTES, session, values)
    values["tags"] = rf"\mSD-({'|'.join(map(str, numbers))})\M" if numbers else None
    notices = values["notices"] = _ids(_NOTICES, session, values)
    return Traces(
        tickets=numbers,
        ticket_ids=[row.ticket_id for row in tickets if row.ticket_id],
        comments=comments,
        mails=mails,
        answers=answers,
        notes=notes,
        notices=notices,
        blobs=[bytes(row.sha256) for row in _BLOBS.rows(session, values | {"read": [*mails, *answers]})],
    )


def _ids(statement: Statement, session: Session, values: dict[str, Any]) -> list[Any]:
    return sorted(row.id for row in statement.rows(session, values))


def _read_from_bytes(session: Session, person: DataSubject) -> Iterator[int]:
    """The ledger ids of their mails, and of reports on mails to them, that only the bytes tell."""
    after = 0
    while rows := _UNREAD.rows(session, {"after": after, "bounced": RuleName.BOUNCED_MAIL}):
        yield from (row.id for row in rows if _is_theirs(bytes(row.content), person, bounced=row.bounced))
        after = rows[-1].id


def _is_theirs(content: bytes, person: DataSubject, *, bounced: bool) -> bool:
    senders = read_addresses(read_headers(content[:HEAD_BYTES])[0].texts("from"))
    if any(sender.email in person.addresses for sender in senders):
        return True
    return bounced and any(address.encode() in content.lower() for address in person.addresses)
