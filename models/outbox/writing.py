"""Putting mails into the outbox, rendered, with their files."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from desk.tokens import ReplyKind
from models.db.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """A mail that is to be written; its fields are columns of `models/outbox/rows.py::OutboxRow`, the id is known.

    `suggested` are the earlier answers that it shows, each as the number of its ticket and the id of its comment.
    """

    id: int
    template: str
    kind: ReplyKind
    mailbox: str
    event_id: int
    ticket_number: int | None
    person_number: int | None
    role: str
    recipient: str
    recipient_name: str
    sender: str
    sender_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    message_id: str
    in_reply_to: str | None
    references: Sequence[str]
    auto_submitted: str | None
    dated: datetime
    token_expires_at: datetime
    to_stranger: bool
    suggested: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class FileOut:
    """A file of an outgoing mail; one with a Content-ID stands inside the HTML."""

    filename: str
    sha256: bytes
    content_id: str | None = None


_COLUMNS = tuple(field.name for field in fields(NewMail))
_WRITE = Statement(f"""
INSERT INTO mail.outbox ({", ".join(f'"{name}"' for name in _COLUMNS)})
VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
""")
_WRITE_FILE = Statement("""
INSERT INTO mail.outbox_file (outbox_id, position, filename, content_id, sha256)
VALUES (:row, :position, :filename, :content_id, :sha256)
""")


def write(session: Session, mails: Sequence[tuple[NewMail, Sequence[FileOut]]]) -> None:
    """Put mails into the outbox with their files."""
    _WRITE.each(session, [_values(mail) for mail, _ in mails])
    files = [
        {"row": mail.id, "position": position, **asdict(file)}
        for mail, along in mails
        for position, file in enumerate(along)
    ]
    if files:
        _WRITE_FILE.each(session, files)


def _values(mail: NewMail) -> dict[str, Any]:
    suggested = Jsonb([list(one) for one in mail.suggested]) if mail.suggested else None
    return {name: getattr(mail, name) for name in _COLUMNS} | {"suggested": suggested}
