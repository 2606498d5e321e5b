"""A mail that belongs to a ticket in the archive: the ticket comes back first, where the mail changes anything."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from desk.facts import Facts
from desk.intake.decision import Act, Decision
from models.db.statement import Statement
from models.removal.archive.restore import CannotRestore, NotArchived, restore

logger = logging.getLogger(__name__)

_BEGIN, _UNDO = Statement("SAVEPOINT archive"), Statement("ROLLBACK TO SAVEPOINT archive")
_BEGIN_ONE, _UNDO_ONE = Statement("SAVEPOINT one"), Statement("ROLLBACK TO SAVEPOINT one")


def facts_with_archived(
    session: Session, facts: Facts, gather: Callable[[], Facts], decide: Callable[[Facts], Decision]
) -> Facts:
    """The facts of a mail that names tickets in the archive, as if these had never been there.

    `gather` reads the facts, `decide` is what will be decided on them. All of the tickets come back on trial; those
    stay back which the decision is about. A stranger who writes numbers into a subject brings back nothing by that.
    """
    _BEGIN.rows(session)
    if not _restore(session, facts.archived, facts.now):
        _UNDO.rows(session)
        # Another mail may have brought it back meanwhile.
        return gather()
    whole = gather()
    wanted = tickets_of(decide(whole))
    _UNDO.rows(session)
    _restore(session, sorted(wanted & set(facts.archived)), facts.now)
    return whole


def tickets_of(decision: Decision) -> set[int]:
    """The numbers of the tickets that a decision is about."""
    numbers = {getattr(decision, "ticket", None), getattr(decision, "continues", None)}
    if isinstance(decision, Act):
        numbers.add(decision.changes.merge_into)
    return {number for number in numbers if number}


def _restore(session: Session, numbers: Iterable[int], now: datetime) -> bool:
    """Bring tickets back; whether any is. One that cannot come back is like one whose row is gone."""
    back = False
    for number in numbers:
        _BEGIN_ONE.rows(session)
        try:
            restore(session, number, now)
            back = True
        except NotArchived:
            # It came with another one that was merged with it.
            continue
        except CannotRestore as reason:
            _UNDO_ONE.rows(session)
            logger.error("A mail names SD-%s, which cannot be restored: %s", number, reason)  # noqa: TRY400
    return back
