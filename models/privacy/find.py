"""What the desk has of one person: who they are to it, and every row that holds their words, their bytes or their name.

`forgetting` erases what is found here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.gate.caps import fold
from desk.intake.decision import RuleName
from desk.trust.judge import Standing
from mail.mime.addresses import read_addresses
from mail.mime.headers import HEAD_BYTES, read_headers
from models.db.statement import Statement

# A row that was forgotten already is found again by what is left under the address, as what came in the meantime.
_FORGOTTEN: Final = "u.email = 'forgotten-' || u.id || '@invalid'"
_USERS = Statement('SELECT u.id FROM public."User" u WHERE lower(u.email COLLATE "C") = :address ORDER BY u.id')
_NUMBERS = Statement(f"""
SELECT p.number FROM mail.person p LEFT JOIN public."User" u ON u.id = p.user_id
WHERE p.user_id = ANY(CAST(:users AS text[])) OR (
    (p.user_id IS NULL OR {_FORGOTTEN}) AND p.number IN (
        SELECT l.person_number FROM mail.ledger l WHERE l.correspondent = :fold AND l.sender = :address
        UNION ALL
        SELECT o.person_number FROM mail.outbox o WHERE o.correspondent = :fold AND o.recipient = :address
    )
) ORDER BY p.number
""")
# Addresses that they had before; one that somebody else has by now is that person's.
_FORMER = Statement("""
SELECT DISTINCT o.recipient FROM mail.outbox o
WHERE o.person_number = ANY(CAST(:numbers AS bigint[])) AND o.recipient <> ALL(ARRAY[:address, 'forgotten@invalid'])
    AND NOT EXISTS (
        SELECT FROM public."User" u
        WHERE lower(u.email COLLATE "C") = o.recipient AND u.id <> ALL(CAST(:users AS text[]))
    )
ORDER BY 1
""")
# Each takes more than the one before, and the rows of tickets and people in the order in which intake takes them.
_LOCKS = (
    Statement('SELECT 1 FROM public."Ticket" WHERE "createdById" = ANY(CAST(:users AS text[])) ORDER BY id FOR UPDATE'),
    Statement("SELECT 1 FROM mail.person WHERE number = ANY(CAST(:numbers AS bigint[])) ORDER BY number FOR UPDATE"),
    Statement('SELECT 1 FROM public."User" WHERE id = ANY(CAST(:users AS text[])) ORDER BY id FOR UPDATE'),
)

_TICKETS = Statement("""
SELECT a.number, a.ticket_id FROM mail.ticket a LEFT JOIN public."Ticket" t ON t.id = a.ticket_id
WHERE t."createdById" = ANY(CAST(:users AS text[])) OR (a.ticket_id IS NULL AND (
    SELECT l.person_number FROM mail.ledger l WHERE l.ticket_number = a.number ORDER BY l.id LIMIT 1
) = ANY(CAST(:numbers AS bigint[]))) ORDER BY a.number
""")
_COMMENTS = Statement('SELECT id FROM public."Comment" WHERE "userId" = ANY(CAST(:users AS text[]))')
_MAILS = Statement("""
SELECT l.id FROM mail.ledger l
WHERE l.person_number = ANY(CAST(:numbers AS bigint[])) OR (
    l.sender = ANY(CAST(:addresses AS text[]))
    AND (l.person_number IS NULL OR l.person_number = ANY(CAST(:numbers AS bigint[])))
)
UNION SELECT b.ledger_id FROM mail.bounce b WHERE b.address = ANY(CAST(:addresses AS text[]))
""")
# Whose these are only their bytes say: nobody has decided on them, or they are no mails of a person.
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
# An answer of staff quotes what it answers.
_ANSWERS = Statement("""
SELECT l.id FROM mail.ledger l
WHERE l.ticket_number = ANY(CAST(:tickets AS bigint[])) AND l.id <> ALL(CAST(:mails AS bigint[]))
    AND (l.evidence ->> 'standing' = :staff OR l.person_number IN (SELECT s.person_number FROM mail.staff s))
""")
_NOTES = Statement("""
SELECT n.id FROM mail.note n
WHERE n.person_number = ANY(CAST(:numbers AS bigint[])) OR n.ledger_id = ANY(CAST(:mails AS bigint[]))
    OR (n.ticket_number = ANY(CAST(:tickets AS bigint[])) AND n.person_number IS NULL AND n.ledger_id IS NULL)
""")
# A notice that belongs to no ticket, such as a report or a digest, may name theirs with its title.
_NOTICES = Statement("""
SELECT o.id FROM mail.outbox o LEFT JOIN mail.event e ON e.id = o.event_id
WHERE o.recipient = ANY(CAST(:addresses AS text[])) OR o.person_number = ANY(CAST(:numbers AS bigint[]))
    OR o.ticket_number = ANY(CAST(:tickets AS bigint[])) OR e.cause = ANY(CAST(:mails AS bigint[]))
    OR e.actor = ANY(CAST(:numbers AS bigint[])) OR e.person_number = ANY(CAST(:numbers AS bigint[]))
    OR e.note_id = ANY(CAST(:notes AS bigint[])) OR e.comment_id = ANY(CAST(:comments AS text[]))
    OR EXISTS (
        SELECT FROM jsonb_array_elements(e.details -> 'quarantined') AS told
        WHERE CAST(told ->> 'ledger_id' AS bigint) = ANY(CAST(:mails AS bigint[]))
    )
    OR (o.ticket_number IS NULL AND o.text ~ CAST(:tags AS text))
""")
_BLOBS = Statement("""
SELECT a.sha256 FROM mail.attachment a WHERE a.ledger_id = ANY(CAST(:read AS bigint[]))
UNION SELECT f.sha256 FROM mail.outbox_file f WHERE f.outbox_id = ANY(CAST(:notices AS bigint[])) ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class Who:
    """A person to the desk: the address asked for and those they had before, our numbers, and ids of "User" rows."""

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


def find_person(session: Session, address: str) -> Who:
    """Who has a normalised address; the account of theirs in SupportDesk may be gone."""
    users = [row.id for row in _USERS.rows(session, {"address": address})]
    asked = {"address": address, "fold": fold(address), "users": users}
    numbers = [row.number for row in _NUMBERS.rows(session, asked)]
    former = [row.recipient for row in _FORMER.rows(session, asked | {"numbers": numbers})]
    return Who(address, (address, *former), numbers, users)


def lock_person(session: Session, who: Who) -> None:
    """Let everybody who writes about a person wait until this transaction ends, and wait for those who do so now."""
    for lock in _LOCKS:
        lock.rows(session, {"users": list(who.users), "numbers": list(who.numbers)})


def find_traces(session: Session, who: Who) -> Traces:
    """Every row that holds what a person wrote, or tells of it."""
    asked: dict[str, Any] = {
        "users": list(who.users),
        "numbers": list(who.numbers),
        "addresses": list(who.addresses),
        "staff": Standing.STAFF,
    }
    tickets = _TICKETS.rows(session, asked)
    numbers = asked["tickets"] = [row.number for row in tickets]
    comments = asked["comments"] = _ids(_COMMENTS, session, asked)
    mails = asked["mails"] = sorted({*_ids(_MAILS, session, asked), *_unread(session, who)})
    answers = _ids(_ANSWERS, session, asked)
    notes = asked["notes"] = _ids(_NOTES, session, asked)
    asked["tags"] = rf"\mSD-({'|'.join(map(str, numbers))})\M" if numbers else None
    notices = asked["notices"] = _ids(_NOTICES, session, asked)
    return Traces(
        tickets=numbers,
        ticket_ids=[row.ticket_id for row in tickets if row.ticket_id],
        comments=comments,
        mails=mails,
        answers=answers,
        notes=notes,
        notices=notices,
        blobs=[bytes(row.sha256) for row in _BLOBS.rows(session, asked | {"read": [*mails, *answers]})],
    )


def _ids(ask: Statement, session: Session, asked: dict[str, Any]) -> list[Any]:
    return sorted(row.id for row in ask.rows(session, asked))


def _unread(session: Session, who: Who) -> Iterator[int]:
    """The mails of theirs, and reports on mails to them, that only their bytes tell of."""
    after = 0
    while found := _UNREAD.rows(session, {"after": after, "bounced": RuleName.BOUNCED_MAIL}):
        yield from (row.id for row in found if _is_theirs(bytes(row.content), who, bounced=row.bounced))
        after = found[-1].id


def _is_theirs(content: bytes, who: Who, *, bounced: bool) -> bool:
    senders = read_addresses(read_headers(content[:HEAD_BYTES])[0].texts("from"))
    if any(sender.email in who.addresses for sender in senders):
        return True
    return bounced and any(address.encode() in content.lower() for address in who.addresses)
