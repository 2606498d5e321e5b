"""The new reading of a mail, written over what was read of it before; what people did since is not touched."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from mail.inbound.message import InboundMail, MoreWords
from models.db.statement import Statement

# When a text was changed is left as it was: nobody edited it, and whoever does so later is seen by it.
_COMMENT = Statement('UPDATE public."Comment" SET content = :text WHERE id = :comment')
_DESCRIPTION = Statement("""
UPDATE public."Ticket" t SET description = :text FROM mail.ticket n WHERE n.ticket_id = t.id AND n.number = :ticket
""")
_NOTE = Statement("""
UPDATE mail.note SET text = :text WHERE id = (SELECT min(id) FROM mail.note WHERE ledger_id = :row)
""")
_READING = Statement("""
UPDATE mail.reading SET removed = :removed, confidence = :confidence, repairs = CAST(:repairs AS text[]),
    sign_off = :sign_off, html = :html
WHERE ledger_id = :row
""")
_FILES = Statement("""
UPDATE mail.attachment SET of_signature = position = ANY(CAST(:marked AS int[]))
WHERE ledger_id = :row AND position = ANY(CAST(:changed AS int[]))
""")
_REREAD = Statement("""
UPDATE mail.ledger SET evidence = evidence || jsonb_build_object('reread', 'Its words were read again on '
    || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' and what was stored of them was changed.')
WHERE id = :row
""")


def rewrite_comment(session: Session, comment: str, text: str) -> None:
    """Write the text of a comment, given by its id; no event tells of it."""
    _COMMENT.write(session, {"comment": comment, "text": text})


def rewrite_description(session: Session, ticket: int, text: str) -> None:
    """Write the description of a ticket, given by number; only in a quiet transaction does no event tell of it."""
    _DESCRIPTION.write(session, {"ticket": ticket, "text": text})


def rewrite_note(session: Session, row: int, text: str) -> None:
    """Write the first note of the mail of this ledger row."""
    _NOTE.write(session, {"row": row, "text": text})


def rewrite_reading(session: Session, row: int, mail: InboundMail, more: MoreWords) -> None:
    """Write what is kept beside the text of a mail, and into its evidence that it was read again."""
    values = {"removed": mail.removed, "confidence": mail.confidence, "repairs": list(mail.repairs)}
    _READING.write(session, {"row": row, "sign_off": more.sign_off, "html": more.html, **values})
    _REREAD.write(session, {"row": row})


def mark_files(session: Session, row: int, marked: Collection[int], changed: Collection[int]) -> None:
    """Mark files of a mail, given by position, as of its signature; of those that changed, the others are no longer."""
    _FILES.write(session, {"row": row, "marked": list(marked), "changed": list(changed)})
