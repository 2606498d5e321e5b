"""Old tickets are archived, a few in each transaction, and brought back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from models.db.clock import read_now
from models.db.packed import Damaged
from models.removal.archive.choose import OldEnough, OldTickets, choose, count_old
from models.removal.archive.restore import RestoredTickets, restore
from models.removal.archive.shape import read_shape, unknown_tables
from models.removal.archive.take import ChangedMeanwhile, archive
from worker.runtime.transaction import transaction

# Of a transaction that another one disturbed. Others work on the same rows only by chance.
TRIES = 5


class CannotArchive(Exception):
    """Nothing more was archived; the message says why."""


@dataclass(frozen=True, slots=True)
class ArchiveRun:
    """How many tickets were archived, how many were old enough and stayed, since work on them is under way.

    `dry` says that nothing was changed, and that `archived` would be.
    """

    archived: int
    stayed: int
    before: datetime
    dry: bool


def look_for_old(engine: Engine, wish: OldEnough) -> OldTickets:
    """How many tickets would go; nothing is changed. Raises CannotArchive."""
    with transaction(engine) as session:
        _refuse_unknown(unknown_tables(session))
        return count_old(session, wish)


def archive_old(engine: Engine, wish: OldEnough, report: Callable[[int, int], None]) -> ArchiveRun:
    """Archive all tickets that are old enough, telling `report` after each transaction how many of about how many went.

    Whatever ends it, each ticket is whole in one place, and the same call goes on. Raises CannotArchive.
    """
    old, archived = look_for_old(engine, wish), 0
    report(archived, old.idle)
    after: int | None = 0
    while after is not None:
        count, after = _next(engine, wish, after)
        archived += count
        report(archived, old.idle)
    return ArchiveRun(archived, max(0, old.old - archived), wish.before, dry=False)


def _next(engine: Engine, wish: OldEnough, after: int) -> tuple[int, int | None]:
    """Archive the next tickets in one transaction: how many, and the last number that was looked at."""
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            return _in_one_transaction(engine, wish, after)
        except ChangedMeanwhile as error:
            if last:
                message = (
                    f"Some ticket above SD-{after} was changed each time while it was being packed. It stays as it is; "
                    "the same command goes on."
                )
                raise CannotArchive(message) from error
        except Damaged as error:
            message = (
                f"What was stored of some ticket above SD-{after} is not what was read, so it stays as it is. Look at "
                "the disk and the memory of the database; the same command goes on."
            )
            raise CannotArchive(message) from error
    raise AssertionError


def _in_one_transaction(engine: Engine, wish: OldEnough, after: int) -> tuple[int, int | None]:
    with transaction(engine, quiet=True) as session:
        shape = read_shape(session)
        _refuse_unknown(unknown_tables(session))
        seen, chosen = choose(session, wish, after)
        if chosen:
            archive(session, shape, chosen)
        return len(chosen), seen


def _refuse_unknown(tables: tuple[str, ...]) -> None:
    if tables:
        raise CannotArchive(
            f"Rows of {', '.join(tables)} refer to tickets, and the desk knows nothing of that table: what it holds "
            "would be lost with an archived ticket. Nothing more was archived."
        )


def bring_back(engine: Engine, number: int) -> RestoredTickets:
    """Restore a ticket and those that were merged with it; raises models.removal.archive.restore.CannotRestore."""
    with transaction(engine) as session:
        return restore(session, number, read_now(session))
