"""The daily reconciliation: every mailbox once a day, and at most one alert about the gaps."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from desk.notices.events import Alert, AlertKey
from mail.outbound.catalogue import said, together
from models.db.clock import read_now
from models.events.rows import add_alert
from models.reports.report_runs import start_run, store_figures, was_started
from worker.poll.reconcile import Gap, overdue_mails, reconcile_mailbox
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

NAME = "reconcile"
# The last mailbox begins before this and ends before the task's time limit; the others come first tomorrow.
DAILY_SECONDS = 300.0
MOST_SENTENCES = 20
REPAIRED = said("admins.repaired")
ADVICE = said("admins.gaps_advice")


def reconcile_daily(services: Services, after_chunk: Callable[[], None] = lambda: None) -> bool:
    """Reconcile and repair every mailbox, unless that was done today (UTC); True: the admins get an alert of gaps.

    Storing a mail that is missing is safe, since it comes to the ledger as from a poll: once. Two that run at once
    share the mailboxes by their leases, and only one of them adds the alert.
    """
    with transaction(services.engine) as session:
        day = read_now(session).replace(hour=0, minute=0, second=0, microsecond=0)
        if was_started(session, NAME, day):
            return False
    gaps = [*_reconcile_mailboxes(services, day, after_chunk), *overdue_mails(services)]
    for gap in gaps:
        logger.warning("Reconciliation: %s%s", gap.sentence, " It was repaired." if gap.repaired else "")
    with transaction(services.engine) as session:
        if not start_run(session, NAME, day):
            return False
        store_figures(session, NAME, day, {"gaps": len(gaps), "repaired": sum(gap.repaired for gap in gaps)})
        if gaps:
            add_alert(session, _alert(gaps))
    return bool(gaps)


def _reconcile_mailboxes(services: Services, day: datetime, after_chunk: Callable[[], None]) -> list[Gap]:
    names = [box.name for box in services.settings.mailbox]
    # Each day another one comes first, so that none is always the one that there was no time for.
    first = day.toordinal() % len(names) if names else 0
    ends, gaps = time.monotonic() + DAILY_SECONDS, list[Gap]()
    for name in (*names[first:], *names[:first]):
        if time.monotonic() > ends:
            logger.warning("Mailbox %s was not reconciled today: there was no time left", name)
            continue
        gaps += reconcile_mailbox(services, name, repair=True, after_chunk=after_chunk).gaps
    return gaps


def _alert(gaps: Sequence[Gap]) -> Alert:
    left = sum(not gap.repaired for gap in gaps)
    sentences = [one for gap in gaps[:MOST_SENTENCES] for one in (gap.told, *([REPAIRED] if gap.repaired else []))]
    if len(gaps) > MOST_SENTENCES:
        sentences.append(said("admins.more_in_log", count=len(gaps) - MOST_SENTENCES))
    title = said("admins.gaps_title", count=len(gaps), left=left)
    return Alert(AlertKey.GAPS, title, together(*sentences), ADVICE)
