"""Mails that came, mails of ours and files as values of JSON; bytes are read apart, so that one mail is in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from models.db.statement import Statement
from models.ledger.raw import raw_of
from models.removal.export.moments import utc
from models.removal.export.tickets import WANTED, ExportFilter

PAGE: Final = 500

# Of all mails, or those of the wanted tickets; what came since about no ticket is wanted, too.
_OF_WANTED: Final = f"""
(:everything OR EXISTS (
    SELECT FROM mail.ticket a JOIN public."Ticket" t ON t.id = a.ticket_id
    WHERE a.number = q.ticket_number AND {WANTED}
) OR EXISTS (
    SELECT FROM mail.archive a WHERE a.number = q.ticket_number
        AND (CAST(:tickets AS bigint[]) IS NULL OR a.number = ANY(CAST(:tickets AS bigint[])))
        AND (CAST(:since AS timestamptz) IS NULL OR a.updated_at >= CAST(:since AS timestamptz))
) OR (CAST(:tickets AS bigint[]) IS NULL AND {{came}} >= CAST(:since AS timestamptz) AND NOT EXISTS (
    SELECT FROM mail.ticket a WHERE a.number = q.ticket_number AND a.ticket_id IS NOT NULL
)))
"""
_MAIL: Final = f"""
json_build_object('kind', 'mail', 'number', q.id, 'ticket', q.ticket_number, 'mailbox', m.name, 'folder', q.folder,
    'uidvalidity', q.uidvalidity, 'uid', q.uid, 'message_id', q.message_id, 'sender', q.sender,
    'came_at', {utc("q.internal_date")}, 'stored_at', {utc("q.stored_at")}, 'decided_at', {utc("q.decided_at")},
    'size', q.size, 'partial', q.partial, 'automatic', q.automatic, 'fate', q.fate, 'reason', q.reason,
    'evidence', q.evidence)
"""
# The address for answers is left out: its signature lets its owner answer.
_SENT: Final = f"""
json_build_object('kind', 'sent', 'number', q.id, 'ticket', q.ticket_number, 'template', q.template,
    'recipient', q.recipient, 'recipient_name', q.recipient_name, 'sender', q.sender, 'sender_name', q.sender_name,
    'subject', q.subject, 'message_id', q.message_id, 'in_reply_to', q.in_reply_to, 'written_at', {utc("q.written_at")},
    'sent_at', {utc("q.sent_at")}, 'fate', q.fate, 'reason', q.reason, 'text', q.text, 'html', q.html,
    'files', coalesce((SELECT json_agg(json_build_object('filename', f.filename, 'content_id', f.content_id,
        'sha256', encode(f.sha256, 'hex')) ORDER BY f.position)
        FROM mail.outbox_file f WHERE f.outbox_id = q.id), '[]'))
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows of a table become values."""

    name: str
    value: str
    came: str
    more: str = ""


_TABLES: Final = {
    "mail": _Table("mail.ledger", _MAIL, "q.stored_at", "JOIN mail.mailbox m ON m.id = q.mailbox_id"),
    "sent": _Table("mail.outbox", _SENT, "q.written_at"),
}
_FIRST_IDS: Final = "SELECT q.id FROM {0} q WHERE q.id > :after AND {1} ORDER BY q.id LIMIT :most"


def _page(table: _Table) -> Statement:
    wanted = _OF_WANTED.format(came=table.came)
    # The mark at first sight of a folder is no mail.
    if table.name == "mail.ledger":
        wanted += " AND q.fate IS DISTINCT FROM 'baseline'"
    return Statement(f"""
WITH page AS MATERIALIZED ({_FIRST_IDS.format(table.name, wanted)})
SELECT {table.value} AS value FROM {table.name} q {table.more}
WHERE q.id = ANY(ARRAY(SELECT id FROM page)) ORDER BY q.id
""")


_PAGES: Final = {kind: _page(table) for kind, table in _TABLES.items()}
_NAMED: Final = {
    kind: Statement(f"""
SELECT {table.value} AS value FROM {table.name} q {table.more}
WHERE q.id = ANY(CAST(:ids AS bigint[])) ORDER BY q.id
""")
    for kind, table in _TABLES.items()
}
_HIGHEST: Final = Statement("""
SELECT (SELECT count(*) FROM mail.ledger) AS mail, (SELECT count(*) FROM mail.outbox) AS sent,
    (SELECT count(*) FROM mail.blob) AS file
""")
_CHUNK: Final = Statement(
    "SELECT content FROM mail.raw_chunk WHERE ledger_id = :row AND position = :position", binary=True
)
_FILES: Final = Statement(
    """
SELECT b.sha256, b.size FROM mail.blob b WHERE b.sha256 > :after AND (:everything OR EXISTS (
    SELECT FROM mail.attachment f JOIN mail.ticket a ON a.number = f.ticket_number
    JOIN public."Ticket" t ON t.id = a.ticket_id WHERE f.sha256 = b.sha256 AND <wanted>
)) ORDER BY b.sha256 LIMIT :most
""".replace("<wanted>", WANTED)
)
_FILE: Final = Statement("SELECT content FROM mail.blob WHERE sha256 = :sha256", binary=True)


def read_page(
    session: Session, kind: str, wanted: ExportFilter, after: int = 0, most: int = PAGE
) -> list[dict[str, Any]]:
    """The next mails that came (`mail`) or mails of ours (`sent`) that are wanted, by number, without raw bytes."""
    values = wanted.values | {"everything": wanted.is_all, "after": after, "most": most}
    return [row.value for row in _PAGES[kind].rows(session, values)]


def read_named(session: Session, kind: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """These mails, by number, without raw bytes."""
    return [row.value for row in _NAMED[kind].rows(session, {"ids": list(numbers)})]


def read_raw(session: Session, number: int) -> Iterator[bytes]:
    """The bytes of a mail that came, a megabyte at a time; none where they are not stored.

    Those of an archived mail come as one.
    """
    position = 0
    while chunk := _CHUNK.one(session, {"row": number, "position": position}):
        yield bytes(chunk.content)
        position += 1
    if not position and (archived := raw_of(session, number)):
        yield archived


def read_files(session: Session, wanted: ExportFilter, after: bytes = b"", most: int = PAGE) -> list[tuple[bytes, int]]:
    """The next files of the wanted tickets, or of the desk, as SHA-256 and size in bytes."""
    values = wanted.values | {"everything": wanted.is_all, "after": after, "most": most}
    return [(bytes(row.sha256), row.size) for row in _FILES.rows(session, values)]


def read_file(session: Session, sha256: bytes) -> bytes:
    """The bytes of a file."""
    return bytes(_FILE.one(session, {"sha256": sha256}).content)


def count_rows(session: Session) -> dict[str, int]:
    """How many mails that came, mails of ours and files there are in all, by the kind of their lines."""
    return dict(_HIGHEST.one(session)._asdict())
