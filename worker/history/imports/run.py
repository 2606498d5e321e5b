"""An import from beginning to end: one at a time into a mailbox, each mail by itself; it can be gone on with."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from models.db.clock import read_now
from models.db.errors import is_infrastructure
from models.intake.imports import begin_import, end_import, find_mailbox, read_awaited
from models.ledger.mailboxes import ensure_mailbox
from models.people.roster import candidates
from worker.history.files.place import FileChanged
from worker.history.imports.plan import CannotImport, FileKind, Plan, Planned, make_plan
from worker.history.imports.take import Outcome, Target, Took, take_mail
from worker.history.imports.trial import World, try_mail
from worker.runtime.services import Services
from worker.runtime.transaction import autocommit, transaction

logger = logging.getLogger(__name__)

ANOTHER = "Another import into mailbox {} is running: wait until it has ended, and give the same command again."
COPY_IT = "Copy it first, or stop what writes into it; what was imported till then stays, and the same command goes on."


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported: files of one kind into a mailbox, given by name; with `dry` nothing is written."""

    kind: FileKind
    paths: Sequence[str]
    mailbox: str
    vouched: bool = False
    stays_open: bool = False
    dry: bool = False


@dataclass(slots=True)
class Summary:
    """How far an import came: mails in all and dealt with, by outcome, and those without effect by rule.

    `sentences` name what was found wrong in the files, and each mail that could not be taken.
    """

    mails: int = 0
    dealt: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)
    left_out: int = 0
    undated: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how far it is: mails found so far, then mails dealt with, of so many."""

    found: Callable[[int], None] = lambda _: None
    dealt: Callable[[int, int], None] = lambda _, __: None


def import_mails(services: Services, wanted: ImportOrder, summary: Summary, watcher: Watcher) -> None:
    """Take all mails of the files into the mailbox, which may have some of them; `summary` is kept true all the time.

    Raises CannotImport, and SQLAlchemyError where the database itself is in trouble: what was taken till then stays.
    """
    began = time.monotonic()
    try:
        with _alone(services, wanted) as target:
            with transaction(services.engine) as session:
                now = read_now(session)
            plan = make_plan(wanted.kind, wanted.paths, now, watcher.found)
            _begin(summary, plan)
            deal = partial(try_mail, target, world=World()) if wanted.dry else partial(take_mail, target)
            for planned in plan.mails:
                _count(summary, planned, _deal(deal, planned))
                summary.seconds = time.monotonic() - began
                watcher.dealt(summary.dealt, summary.mails)
    finally:
        summary.seconds = time.monotonic() - began


@contextmanager
def _alone(services: Services, wanted: ImportOrder) -> Iterator[Target]:
    """Where the mails go, kept from other imports; a trial keeps nobody out."""
    box = services.mailbox(wanted.mailbox)
    with transaction(services.engine) as session:
        staff = candidates(session, read_now(session))
        number = find_mailbox(session, box.name) if wanted.dry else ensure_mailbox(session, box.name, box.address)
        awaited = read_awaited(session, box.name)
    chosen = {"vouched": wanted.vouched, "stays_open": wanted.stays_open}
    target = Target(services, number or 0, box.name, **chosen, staff=staff, awaited=awaited)
    if wanted.dry:
        yield target
        return
    # The lock is the connection's own, so that it ends with this process, however that ends.
    with autocommit(services.engine) as session:
        if not begin_import(session, target.mailbox_id):
            raise CannotImport(ANOTHER.format(box.name))
        try:
            yield target
        finally:
            end_import(session, target.mailbox_id)


def _begin(summary: Summary, plan: Plan) -> None:
    summary.mails, summary.left_out, summary.undated = len(plan.mails), plan.left_out, plan.undated
    summary.outcomes[Outcome.UNREADABLE] = plan.unreadable
    summary.sentences += plan.sentences


def _deal(deal: Callable[[Planned], Took], planned: Planned) -> Took:
    """Deal with one mail; one that cannot be read or raises is named, and the others go on."""
    try:
        return deal(planned)
    except FileChanged as reason:
        raise CannotImport(f"{reason} {COPY_IT}") from None
    except OSError as error:
        return Took(Outcome.UNREADABLE, f"{planned.place.name} cannot be read: {error.strerror}.")
    except Exception as error:
        if isinstance(error, SQLAlchemyError) and is_infrastructure(error):
            raise
        logger.exception("%s could not be taken", planned.place.name)
        return Took(Outcome.UNREADABLE, f"{planned.place.name} could not be taken: {type(error).__name__}.")


def _count(summary: Summary, planned: Planned, took: Took) -> None:
    summary.dealt += 1
    summary.outcomes[took.outcome] += 1
    if took.outcome is Outcome.NOT_APPLIED:
        summary.rules[took.why] += 1
    elif took.outcome in (Outcome.TOO_LARGE, Outcome.UNREADABLE):
        summary.sentences.append(took.why)
