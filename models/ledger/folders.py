"""Folders of mailboxes: from which UID on their mails are ours to take, and which of these the ledger has."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger.rows import LedgerRow, UnfetchedMail, store_unfetched

BASELINE = "baseline"
FIRST_SIGHT = "The folder was seen for the first time; mails up to this one were there before."
BEFORE_US = "The mail was in the folder before we first saw it, under an older UIDVALIDITY."


@dataclass(frozen=True, slots=True)
class Place:
    """A folder under one UIDVALIDITY, for as long as which its UIDs are valid (RFC 3501, 2.3.1.1)."""

    mailbox_id: int
    folder: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class FolderState:
    """What the ledger knows of a folder.

    Mails up to `baseline` are not ours to take; `mark` is the highest UID that the ledger has. Where `gaps` is true,
    it may lack mails below the mark.
    """

    baseline: int
    mark: int
    gaps: bool


def read_folder_state(session: Session, place: Place) -> FolderState | None:
    """What is known of a place; None where it was never seen."""
    columns = (LedgerRow.uid, LedgerRow.fate, LedgerRow.evidence)
    # Nothing of a place lies below its baseline, so the index gives it at once.
    lowest = session.execute(select(*columns).where(in_place(place)).order_by(LedgerRow.uid).limit(1)).one_or_none()
    if lowest is None:
        return None
    mark = session.scalars(select(func.max(LedgerRow.uid)).where(in_place(place))).one()
    if lowest.fate != BASELINE:
        return FolderState(0, mark, gaps=False)
    return FolderState(lowest.uid, mark, gaps="gaps" in lowest.evidence)


def set_baseline(session: Session, place: Place, uid: int, *, gaps: bool = False) -> FolderState:
    """Record the first sight of a place: mails up to this UID are not ours to take."""
    statement = insert(LedgerRow).values(
        **asdict(place),
        uid=uid,
        size=0,
        fingerprint=b"",
        fate=BASELINE,
        reason=FIRST_SIGHT,
        evidence={"gaps": True} if gaps else {},
        decided_at=func.now(),
        server_done_at=func.now(),
    )
    session.execute(statement.on_conflict_do_nothing())
    return FolderState(uid, uid, gaps)


def drop_baseline(session: Session, place: Place) -> None:
    """Make all mails of a place ours to take, those too that the baseline kept out."""
    row = update(LedgerRow).where(in_place(place), _is_baseline())
    session.execute(row.values(uid=0, evidence={"gaps": True}))


def set_complete(session: Session, place: Place) -> None:
    """Record that the ledger has every mail of a place up to its mark."""
    session.execute(update(LedgerRow).where(in_place(place), _is_baseline()).values(evidence={}))


def set_aside(session: Session, place: Place, uids: Sequence[int]) -> None:
    """Record mails that lie among ours and are not ours to take."""
    for uid in uids:
        store_unfetched(session, UnfetchedMail(**asdict(place), uid=uid, fate="not_applied", reason=BEFORE_US))


def known_uids(session: Session, place: Place) -> set[int]:
    """Every UID of a place that the ledger has."""
    return set(session.scalars(select(LedgerRow.uid).where(in_place(place), LedgerRow.fate.is_distinct_from(BASELINE))))


def was_seen(session: Session, mailbox_id: int, folder: str) -> bool:
    """Whether the folder was seen before, under any UIDVALIDITY."""
    here = and_(LedgerRow.mailbox_id == mailbox_id, LedgerRow.folder == folder)
    # Any row would do, but for any row nearly all rows fit, and the planner would look through the table for it.
    return session.scalar(select(func.min(LedgerRow.uidvalidity)).where(here)) is not None


def left_alone_since(session: Session, mailbox_id: int, folder: str) -> datetime | None:
    """When mails of a folder were first left alone since they were there before us; None: none ever was."""
    here = and_(LedgerRow.mailbox_id == mailbox_id, LedgerRow.folder == folder)
    first = select(func.min(LedgerRow.stored_at)).where(here, _is_baseline(), LedgerRow.uid > 0)
    return session.scalar(first)


def in_place(place: Place) -> ColumnElement[bool]:
    """The condition that a ledger row is of this place."""
    return and_(
        LedgerRow.mailbox_id == place.mailbox_id,
        LedgerRow.folder == place.folder,
        LedgerRow.uidvalidity == place.uidvalidity,
    )


def _is_baseline() -> ColumnElement[bool]:
    return LedgerRow.fate == BASELINE
