"""Erasing a person: one transaction for all of it, and a second one for what was written meanwhile."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk.tokens import is_ours
from models.db.clock import read_now
from models.removal.archive.choose import hold_archive
from models.removal.archive.of_person import restore_of_subject
from models.removal.archive.restore import CannotRestore
from models.removal.privacy.count import (
    NOBODY,
    OWN_ADDRESS,
    DataCounts,
    ServerPlace,
    count,
    obstacle_to_erasure,
    places,
)
from models.removal.privacy.erase import erase
from models.removal.privacy.find import DataSubject, Traces, find_subject, find_traces, lock_subject
from worker.runtime.transaction import transaction

# While the first look is under way, a worker may write about somebody whom it read before.
LOOKS = 2
NOTHING = Traces((), (), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What was found of a person, where their mails lie on the server, and whether all of it is forgotten by now.

    `archived` are the numbers of tickets that came, or would come, out of the archive for it.
    """

    address: str
    forgotten: bool
    found: DataCounts
    places: tuple[ServerPlace, ...]
    archived: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NotForgotten:
    """Nothing was changed, and why."""

    reason: str


def look(engine: Engine, address: str, own: frozenset[str] = frozenset()) -> Forgetting | NotForgotten:
    """Find what `forget` would erase for a normalised address; nothing is changed.

    `own` are the addresses that the settings give the desk, of which the database knows those of its mailboxes alone.
    """
    if is_ours(address, own):
        return NotForgotten(OWN_ADDRESS.format(address))
    return _in_one_transaction(engine, address, forgotten=False)


def forget(engine: Engine, address: str, own: frozenset[str] = frozenset()) -> Forgetting | NotForgotten:
    """Erase who has a normalised address, all of it or nothing; nobody is sent a mail.

    Returns what the first look found; what a worker wrote meanwhile is erased by a second one. `own` is as in `look`.
    """
    if is_ours(address, own):
        return NotForgotten(OWN_ADDRESS.format(address))
    first = forget_once(engine, address)
    for _ in range(1, LOOKS):
        if isinstance(first, NotForgotten) or isinstance(forget_once(engine, address), NotForgotten):
            break
    return first


def forget_once(engine: Engine, address: str) -> Forgetting | NotForgotten:
    """Erase in one transaction what is stored by now of who has a normalised address."""
    return _in_one_transaction(engine, address, forgotten=True)


def _in_one_transaction(engine: Engine, address: str, *, forgotten: bool) -> Forgetting | NotForgotten:
    """Find a person, and erase them where they are to be forgotten; else nothing of it stays."""
    try:
        with transaction(engine, quiet=True) as session:
            who = find_subject(session, address)
            if forgotten:
                # Before all other locks, as those who archive take it.
                hold_archive(session)
                lock_subject(session, who)
                # Whom we waited for may have written about them.
                who = find_subject(session, address)
            found, traces = _look(session, who, forgotten=forgotten)
            if forgotten and isinstance(found, Forgetting):
                erase(session, who, traces, read_now(session))
            else:
                session.rollback()
            return found
    except CannotRestore as reason:
        return NotForgotten(str(reason))


def _look(session: Session, who: DataSubject, *, forgotten: bool) -> tuple[Forgetting | NotForgotten, Traces]:
    # Of staff, whom nobody forgets, all tickets would come out of the archive.
    if reason := obstacle_to_erasure(session, who, NOTHING):
        return NotForgotten(reason), NOTHING
    # What is in the archive is found, counted and erased where it comes back.
    archived = restore_of_subject(session, who)
    traces = find_traces(session, who)
    return _find(session, who, traces, archived, forgotten=forgotten), traces


def _find(
    session: Session, who: DataSubject, traces: Traces, archived: tuple[int, ...], *, forgotten: bool
) -> Forgetting | NotForgotten:
    reason = obstacle_to_erasure(session, who, traces)
    if reason:
        return NotForgotten(reason)
    found = count(session, who, traces)
    if found.is_nothing:
        return NotForgotten(NOBODY.format(who.address))
    return Forgetting(who.address, forgotten, found, places(session, traces), archived)
