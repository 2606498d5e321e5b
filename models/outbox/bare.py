"""A mail to staff whose content was refused, written anew in its row without the words and files of others."""

from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy.orm import Session

from models.db.base import OPEN
from models.db.claims import Claimed
from models.db.statement import Statement

# The reason, as a key, of a mail that goes without the words and files of others: it does so once.
CONTENT_REFUSED: Final = "content refused"

_REWRITE: Final = Statement(f"""
UPDATE mail.outbox SET subject = :subject, text = :text, html = :html, reason = '{CONTENT_REFUSED}', error = :error,
    due_at = now(), claimed_by = NULL, claimed_at = NULL, claimed_until = NULL, claimed_alone = false
WHERE id = :id AND claimed_by = :token AND {OPEN}
RETURNING id
""")
_WITHOUT_FILES: Final = Statement("DELETE FROM mail.outbox_file WHERE outbox_id = :id")


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says: its subject, its text and its HTML."""

    subject: str
    text: str
    html: str


def rewrite_bare(session: Session, claimed: Claimed, outbox_id: int, words: Words, error: str) -> bool:
    """Give a claimed mail other words and no files, and make it due now; False where the claim no longer holds."""
    values = {"id": outbox_id, "token": claimed.token, "error": error, **asdict(words)}
    if _REWRITE.one(session, values) is None:
        return False
    _WITHOUT_FILES.write(session, {"id": outbox_id})
    return True
