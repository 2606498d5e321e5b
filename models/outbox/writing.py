"""Putting mails into the outbox, rendered, with their files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from desk.gate.hold import Waits
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
    may_stop: bool
    listed: Mapping[str, Any] | None = None
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
# Lets mails wait until a time, where one is given, and each at least as long as one before it to the same person about
# the same ticket waits: a later mail overtakes none.
_LET_WAIT = Statement(f"""
WITH mine AS (
    SELECT o.id, given.until, greatest(given.until, (
        SELECT max(earlier.due_at) FROM mail.outbox earlier
        WHERE earlier.ticket_number = o.ticket_number AND earlier.recipient = o.recipient AND earlier.id < o.id
            AND earlier.fate IS NULL AND earlier.due_at > now()
            AND earlier.reason IN ({", ".join(f"'{reason}'" for reason in Waits)})
    )) AS due_at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:until AS timestamptz[])) AS given (id, until)
    JOIN mail.outbox o ON o.id = given.id
)
UPDATE mail.outbox SET due_at = mine.due_at,
    reason = CASE WHEN mine.due_at = mine.until THEN '{Waits.FOR_UNDO}' ELSE '{Waits.BEHIND}' END
FROM mine WHERE outbox.id = mine.id AND mine.due_at > now()
""")


def let_wait(session: Session, until: Mapping[int, datetime | None]) -> None:
    """Have mails that were just written go at their time, which is given by id; None: as soon as those before them."""
    if until:
        _LET_WAIT.write(session, {"ids": list(until), "until": list(until.values())})


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
    values = {name: getattr(mail, name) for name in _COLUMNS}
    listed = None if mail.listed is None else Jsonb(mail.listed)
    suggested = Jsonb([list(one) for one in mail.suggested]) if mail.suggested else None
    return {**values, "listed": listed, "suggested": suggested}
