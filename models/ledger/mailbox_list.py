"""The mailboxes as operators see them, and their pauses: one that is paused is neither polled nor watched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from desk.facts import IMPORT_FOLDER
from models.db.statement import Statement
from models.ledger.mailboxes import IS_PAUSED, MailboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMailbox:
    """A mailbox that the database knows; times are UTC.

    `folders` are those of its server that mails came from, `read_at` is when it was last read to the end, `trouble`
    what that server said since, `refused` how many logins it refused in a row, and `stuck_uid` the mail at whose fetch
    the connection broke. `paused_at` is None where it is not paused, and `resumes_at` where a pause has no end.
    """

    name: str
    address: str
    folders: tuple[str, ...]
    read_at: datetime | None
    trouble: str
    refused: int
    stuck_uid: int | None
    paused_at: datetime | None
    resumes_at: datetime | None


# From one folder to the next by the index of the mails' places, for a mailbox may have millions of mails.
_FOLDERS: Final = Statement("""
WITH RECURSIVE place AS (
    (SELECT mailbox_id, folder FROM mail.ledger ORDER BY mailbox_id, folder LIMIT 1)
    UNION ALL
    SELECT later.* FROM place, LATERAL (
        SELECT l.mailbox_id, l.folder FROM mail.ledger l
        WHERE (l.mailbox_id, l.folder) > (place.mailbox_id, place.folder)
        ORDER BY l.mailbox_id, l.folder LIMIT 1
    ) AS later
)
SELECT b.name, place.folder FROM place JOIN mail.mailbox b ON b.id = place.mailbox_id ORDER BY b.name, place.folder
""")


def list_mailboxes(session: Session) -> list[ListedMailbox]:
    """Every mailbox that the database knows, by name, those too that the settings no longer have."""
    folders: dict[str, list[str]] = {}
    for row in _FOLDERS.rows(session):
        # What was brought along came from a file, which has the form of a folder in the ledger.
        if not row.folder.startswith(IMPORT_FOLDER):
            folders.setdefault(row.name, []).append(row.folder)
    rows = session.execute(select(MailboxRow, IS_PAUSED.label("is_paused")).order_by(MailboxRow.name))
    return [
        ListedMailbox(
            name=box.name,
            address=box.address,
            folders=tuple(folders.get(box.name, ())),
            read_at=box.polled_at,
            trouble=box.trouble or "",
            refused=box.refused_times,
            stuck_uid=box.stuck_uid,
            paused_at=box.paused_at if is_paused else None,
            resumes_at=box.resumes_at if is_paused else None,
        )
        for box, is_paused in rows
    ]


def paused_names(session: Session) -> frozenset[str]:
    """The names of the mailboxes that are paused now."""
    return frozenset(session.scalars(select(MailboxRow.name).where(IS_PAUSED)))


def pause_by_operator(session: Session, name: str, until: datetime | None) -> bool:
    """Pause a mailbox, with None till somebody resumes it; False where that moment is over, and nothing was changed.

    One that is paused stays so since it was, till the new end.
    """
    if until is not None and not session.scalar(select(func.now() < until)):
        return False
    since = case((IS_PAUSED, MailboxRow.paused_at), else_=func.now())
    session.execute(update(MailboxRow).where(MailboxRow.name == name).values(paused_at=since, resumes_at=until))
    return True


def resume(session: Session, name: str) -> bool:
    """End the pause of a mailbox now; False where it is not paused."""
    row = update(MailboxRow).where(MailboxRow.name == name, IS_PAUSED).values(resumes_at=func.now())
    return session.scalars(row.returning(MailboxRow.id)).one_or_none() is not None
