"""What reconciliation reads of the ledger: rows that should be further by now, and rows without their bytes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from models.ledger.folders import BASELINE, Place, in_place
from models.ledger.rows import LedgerRow, NewMail, RawChunk, columns_of, store_raw

# Nobody reads more than this; the next run counts on.
MOST = 1000


def baseline_of(session: Session, place: Place) -> int | None:
    """The UID above which a folder's mails are ours to take; None where it was never seen."""
    return session.scalar(select(LedgerRow.uid).where(in_place(place), LedgerRow.fate == BASELINE))


def list_stubs(session: Session, place: Place) -> dict[int, int]:
    """The rows in quarantine that never got their bytes, as UID and row id, oldest first."""
    bytes_of = select(RawChunk.ledger_id).where(RawChunk.ledger_id == LedgerRow.id).exists()
    bare = select(LedgerRow.uid, LedgerRow.id).where(in_place(place), LedgerRow.fate == "quarantined", ~bytes_of)
    return {row.uid: row.id for row in session.execute(bare.order_by(LedgerRow.uid))}


def fill_stub(session: Session, row: int, mail: NewMail) -> bool:
    """Give a stub the bytes of its mail and make it fresh work; False: it is no stub any more."""
    bytes_of = select(RawChunk.ledger_id).where(RawChunk.ledger_id == LedgerRow.id).exists()
    stub = and_(LedgerRow.id == row, LedgerRow.fate == "quarantined", ~bytes_of)
    cleared: dict[str, Any] = dict.fromkeys(("fate", "reason", "error", "decided_at", "reported_at"))
    # What is too large is neither flagged nor moved: nothing is left to do for it.
    cleared |= {"server_done_at": None if mail.partial_of is None else func.now()}
    values = cleared | {"tries": 0, "due_at": func.now(), "stored_at": func.now()} | columns_of(mail)
    if session.scalar(update(LedgerRow).where(stub).values(**values).returning(LedgerRow.id)) is None:
        return False
    store_raw(session, row, mail.raw)
    return True


def partial_uids(session: Session, place: Place) -> list[int]:
    """The UIDs of mails of which only the headers were stored, since they are too large."""
    partial = select(LedgerRow.uid).where(in_place(place), LedgerRow.partial)
    return list(session.scalars(partial.order_by(LedgerRow.uid)))


def list_unfinished(session: Session, place: Place, age: timedelta) -> list[tuple[int, int]]:
    """The rows older than `age` that still want their flag or move on the server, as (row id, UID)."""
    late = and_(LedgerRow.server_done_at.is_(None), LedgerRow.stored_at < func.now() - age)
    rows = select(LedgerRow.id, LedgerRow.uid).where(in_place(place), late).order_by(LedgerRow.id).limit(MOST)
    return [(row.id, row.uid) for row in session.execute(rows)]


def list_undecided(session: Session, mailbox_id: int, age: timedelta) -> list[int]:
    """The ids of mails of a mailbox that have been due for longer than `age` and are undecided."""
    late = and_(LedgerRow.fate.is_(None), LedgerRow.due_at < func.now() - age)
    rows = select(LedgerRow.id).where(late, LedgerRow.mailbox_id == mailbox_id).order_by(LedgerRow.id)
    return list(session.scalars(rows.limit(MOST)))
