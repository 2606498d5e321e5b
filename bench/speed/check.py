"""Whether every mail became what it should: one ticket or one comment, with its files, history, and notices."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.speed.mails import Kind, Mail
from bench.speed.stage.sink import Taken, digest
from desk.intake.rule_names import RuleName
from models.outbox.delivery import read_outbox_mail
from worker.deliver.compose import ready_mail
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

RULES = {
    Kind.CUSTOMERS: RuleName.CUSTOMER_ON_TICKET,
    Kind.STAFFS: RuleName.STAFF_ON_TICKET,
    Kind.RESOLVES: RuleName.STAFF_ON_TICKET,
    Kind.ASSIGNS: RuleName.STAFF_ON_TICKET,
    Kind.BOUNCE: RuleName.BOUNCED_MAIL,
}
# Mails of these kinds become comments, and those of these change a ticket that has its owner.
COMMENTING = {Kind.CUSTOMERS, Kind.STAFFS, Kind.RESOLVES}
CHANGING = {Kind.STAFFS, Kind.RESOLVES, Kind.ASSIGNS}

LEDGER = """
SELECT l.id, l.message_id, l.fate, l.evidence->>'rule' AS rule, l.ticket_number AS ticket, t.description,
    owner.email AS owner, creator.email AS creator,
    (SELECT array_agg(c.content) FROM mail.reading r JOIN "Comment" c ON c.id = r.comment_id
        WHERE r.ledger_id = l.id) AS comments,
    (SELECT array_agg(u.email) FROM mail.reading r JOIN "Comment" c ON c.id = r.comment_id
        JOIN "User" u ON u.id = c."userId" WHERE r.ledger_id = l.id) AS authors,
    (SELECT array_agg(b.size ORDER BY a.position) FROM mail.attachment a JOIN mail.blob b USING (sha256)
        WHERE a.ledger_id = l.id) AS files,
    (SELECT array_agg(encode(sha256(b.content), 'hex') ORDER BY a.position) FROM mail.attachment a
        JOIN mail.blob b USING (sha256) WHERE a.ledger_id = l.id) AS digests,
    (SELECT sha256(string_agg(content, ''::bytea ORDER BY position)) FROM mail.raw_chunk WHERE ledger_id = l.id) AS raw
FROM mail.ledger l LEFT JOIN mail.ticket n ON n.number = l.ticket_number LEFT JOIN "Ticket" t ON t.id = n.ticket_id
    LEFT JOIN "User" owner ON owner.id = t."assignedToId" LEFT JOIN "User" creator ON creator.id = t."createdById"
WHERE l.message_id = ANY(:ids)
"""
NOTICES = """
SELECT l.message_id, o.template, o.recipient, o.subject <> '' AND o.text <> '' AND o.html <> '' AS written,
    coalesce(o.fate = 'sent', o.reason IS NULL) AS goes
FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id JOIN mail.ledger l ON l.id = e.cause
WHERE l.message_id = ANY(:ids)
"""
HISTORY = """
SELECT a.action, count(*) FROM "TicketActivity" a JOIN mail.ticket n ON n.ticket_id = a."ticketId"
WHERE n.number = ANY(:tickets) GROUP BY 1
"""


OUTBOX = "SELECT id, message_id, recipient, fate FROM mail.outbox ORDER BY id"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many mails were looked at, and a sentence for each that did not become what it should."""

    mails: int
    wrong: Sequence[str]


def check(engine: Engine, mails: Sequence[Mail]) -> Verdict:
    """Hold every mail beside what the database has of it."""
    with engine.connect() as connection:
        return look(connection, mails)


def look(connection: Connection, mails: Sequence[Mail]) -> Verdict:
    """The same in a transaction that is open."""
    ids = {"ids": [mail.message_id for mail in mails]}
    found: dict[str, list[Any]] = defaultdict(list)
    notices: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(text(LEDGER), ids):
        found[row.message_id].append(row)
    for row in connection.execute(text(NOTICES), ids):
        notices[row.message_id].append(row)
    tickets = sorted({row.ticket for rows in found.values() for row in rows if row.ticket})
    history = {row[0]: row[1] for row in connection.execute(text(HISTORY), {"tickets": tickets})}
    # An agent who was asked about a ticket gave it away.
    owners = {mail.thread: mail.author for mail in mails if mail.kind is Kind.ASSIGNS}
    threads = {mail.number: rows[0].ticket for mail in mails if mail.opens and (rows := found[mail.message_id])}
    wrong = [
        f"{mail.message_id}: {what}"
        for mail in mails
        for what in _differences(
            mail, found[mail.message_id], threads, notices[mail.message_id], owners.get(mail.thread)
        )
    ]
    return Verdict(len(mails), [*wrong, *_history_differences(mails, history, len(set(threads.values())))])


def _differences(
    mail: Mail, rows: Sequence[Any], threads: Mapping[int, int], notices: Sequence[Any], former_owner: str | None
) -> Iterator[str]:
    if len(rows) != 1:
        yield f"{len(rows)} rows in the ledger"
        return
    row = rows[0]
    expected = {
        "fate": ("applied", RuleName.NEW_TICKET if mail.opens else RULES[mail.kind]),
        "ticket": threads.get(mail.thread),
        "words there": int(mail.kind in COMMENTING),
        "creator": mail.customer,
        "authors": () if mail.opens or mail.kind not in COMMENTING else (mail.author or mail.customer,),
        "files": mail.files,
        "files' bytes": mail.digests,
        "bytes": hashlib.sha256(mail.raw).hexdigest(),
        "owned": True,
        "notices": _notices_of(mail, row.owner, former_owner or row.owner),
        "notices that go": len(notices),
    }
    found = _effects_of(mail, row, notices)
    yield from (f"{name} {found[name]}, not {one}" for name, one in expected.items() if found[name] != one)


def _notices_of(mail: Mail, owner: str | None, asked: str | None) -> list[tuple[str, str | None]]:
    """The notices of a mail with their recipients, in the order of their names; `asked` owned its ticket at first."""
    if mail.opens:
        return [("ticket-assigned", asked), ("ticket-opened", mail.customer)]
    to_customers = sorted(("comment-to-customer", person) for person in (mail.customer, *mail.others))
    answer = ("command-answer", mail.author)
    notices: dict[Kind, Sequence[tuple[str, str | None]]] = {
        Kind.CUSTOMERS: [("comment-to-agent", asked)],
        Kind.STAFFS: to_customers,
        Kind.RESOLVES: [answer, *to_customers],
        Kind.ASSIGNS: [answer, ("ticket-assigned", owner)],
        Kind.BOUNCE: [("note-to-agent", asked)],
    }
    return list(notices[mail.kind])


def _effects_of(mail: Mail, row: Any, notices: Sequence[Any]) -> dict[str, object]:
    texts = [row.description] if mail.opens else row.comments or []
    return {
        "fate": (row.fate, row.rule),
        "ticket": row.ticket,
        "words there": sum(mail.marker in (words or "") for words in texts),
        "creator": row.creator,
        "authors": tuple(row.authors or ()),
        "files": tuple(row.files or ()),
        "files' bytes": tuple(row.digests or ()),
        "bytes": bytes(row.raw or b"").hex(),
        "owned": row.owner is not None and (mail.kind is not Kind.ASSIGNS or row.owner != mail.author),
        "notices": sorted((notice.template, notice.recipient) for notice in notices),
        "notices that go": sum(notice.goes and notice.written for notice in notices),
    }


def _history_differences(mails: Sequence[Mail], found: Mapping[str, int], tickets: int) -> Iterator[str]:
    opening = sum(mail.opens for mail in mails)
    commented = sum(mail.kind in COMMENTING for mail in mails) - opening
    changed = sum(mail.kind in CHANGING for mail in mails)
    expected = Counter({"created": opening, "updated": opening + changed, "commented": commented})
    if tickets != opening:
        yield f"{tickets} tickets of {opening} new mails"
    if {name: found.get(name, 0) for name in expected} != dict(expected):
        yield f"activities are {dict(found)}, not {dict(expected)}"


def check_taken(services: Services, taken: Sequence[Taken], *, bytes_too: bool = True) -> list[str]:
    """A sentence for each mail of the outbox that the SMTP server did not take as it should, and for each mail of none.

    What was sent came once, for its recipient alone, and, with `bytes_too`, as the bytes that we would send again; what
    was not sent did not come. Bytes are those of this tree's code, so those of another are not to be compared.
    """
    came: dict[str, list[Taken]] = defaultdict(list)
    for mail in taken:
        came[mail.message_id].append(mail)
    with transaction(services.engine) as session:
        rows = session.execute(text(OUTBOX)).all()
        wrong = [f"{name}: nothing of the outbox" for name in came.keys() - {row.message_id for row in rows}]
        for row in rows:
            expected = [(row.recipient,)] if row.fate == "sent" else []
            found = [mail.recipients for mail in came[row.message_id]]
            if found != expected:
                wrong.append(f"{row.message_id}: taken for {found}, not {expected}")
            elif bytes_too and found:
                message = ready_mail(session, services, read_outbox_mail(session, row.id)).message
                if digest(message) != came[row.message_id][0].digest:
                    wrong.append(f"{row.message_id}: taken with other bytes than ours")
    return wrong
