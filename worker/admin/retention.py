"""Old bytes, texts and events are let go: by beat in short turns, or all at once where an operator says so."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from models.db.clock import read_now
from models.removal.retention import Kept, let_go, newest
from models.reports.report_runs import read_figures, start_run, store_figures
from worker.runtime.services import Services
from worker.runtime.transaction import transaction
from worker.settings.sections.retention import RetentionSettings

NAME: Final = "retention"


@dataclass(frozen=True, slots=True)
class LetGo:
    """What was let go of one table, or would be: how many rows lost what they held, and how many bytes that was.

    `still_needed` were old enough, and are kept since something needs them.
    """

    what: Kept
    days: int
    gone: int = 0
    size: int = 0
    still_needed: int = 0


def days_of(settings: RetentionSettings) -> dict[Kept, int]:
    """After how many days each is let go; what is kept for ever is left out."""
    days = {Kept.RAW: settings.raw_days, Kept.TEXTS: settings.outbox_text_days, Kept.EVENTS: settings.event_days}
    return {kept: after for kept, after in days.items() if after}


def let_go_all(
    engine: Engine,
    days: Mapping[Kept, int],
    *,
    dry: bool = False,
    each: Callable[[Kept, int, int], None] = lambda *_: None,
) -> list[LetGo]:
    """Walk each table from its beginning and let go what is due; with `dry` only say what that would be.

    Each batch is a transaction of its own. After it `each` is told which table is walked, up to which key, and the
    table's highest key.
    """
    return [_walk(engine, kept, after, dry=dry, each=each) for kept, after in days.items()]


def _walk(engine: Engine, kept: Kept, days: int, *, dry: bool, each: Callable[[Kept, int, int], None]) -> LetGo:
    with transaction(engine) as session:
        highest = newest(session, kept)
    sum_of, reached = LetGo(kept, days), 0
    while True:
        with transaction(engine, quiet=True) as session:
            batch = let_go(session, kept, timedelta(days=days), reached, dry=dry)
        sum_of = replace(
            sum_of,
            gone=sum_of.gone + batch.gone,
            size=sum_of.size + batch.size,
            still_needed=sum_of.still_needed + batch.held - batch.gone,
        )
        # To the end: where old mail was brought along, what is old comes behind what is young.
        if batch.reached is None:
            return sum_of
        reached = batch.reached
        each(kept, reached, highest)


def let_go_for(services: Services, seconds: float) -> bool:
    """Let go what is due for about so many seconds; whether there is more.

    Each week a walk begins anew, since a ticket may have ended meanwhile. In between each goes on where the last one
    met what was too young, so a day costs what one day brought. Two at a time do the same work once.
    """
    ends, days = time.monotonic() + seconds, days_of(services.settings.retention)
    for kept, after in days.items():
        while True:
            if time.monotonic() > ends:
                return True
            if _one_batch(services.engine, kept, timedelta(days=after)):
                break
    return False


def _one_batch(engine: Engine, kept: Kept, age: timedelta) -> bool:
    """Whether what comes after this batch is too young."""
    with transaction(engine, quiet=True) as session:
        week = _monday(read_now(session))
        start_run(session, NAME, week)
        marks = read_figures(session, NAME, week)
        batch = let_go(session, kept, age, marks.get(kept, 0))
        if not batch.is_last:
            store_figures(session, NAME, week, {**marks, kept: batch.reached})
    return batch.is_last


def _monday(moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
