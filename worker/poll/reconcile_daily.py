"""The daily reconciliation: every mailbox once a day, and at most one alert about what was found."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from desk.notices.events import Alert
from models.events.rows import add_alert
from models.reports.report_runs import start_run, store_figures, was_started
from worker.poll.reconcile import Gap, overdue_mails, reconcile_mailbox
from worker.runtime.clock import now
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

NAME = "reconcile"
# The last mailbox begins before this and ends before the task's time limit; the others come first tomorrow.
DAILY_SECONDS = 300.0
MOST_SENTENCES = 20
ADVICE = (
    "What was missing was taken from the server where it could be, and is being worked now."
    " `supportdesk reconcile` looks again, and `supportdesk reconcile --repair` tries again."
)


def reconcile_daily(services: Services, after_chunk: Callable[[], None] = lambda: None) -> bool:
    """Reconcile and repair every mailbox, unless that was done today (UTC); True: the admins are told of gaps.

    NewMail a mail that is missing is safe, since it comes to the ledger as from a poll: once. Two that run at once
    share the mailboxes by their leases, and only one of them tells.
    """
    day = now().replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction(services.engine) as session:
        if was_started(session, NAME, day):
            return False
    found = [*_reconcile_mailboxes(services, day, after_chunk), *overdue_mails(services)]
    for gap in found:
        logger.warning("Reconciliation: %s%s", gap.sentence, " It was repaired." if gap.repaired else "")
    with transaction(services.engine) as session:
        if not start_run(session, NAME, day):
            return False
        store_figures(session, NAME, day, {"gaps": len(found), "repaired": sum(gap.repaired for gap in found)})
        if found:
            add_alert(session, _alert(found))
    return bool(found)


def _reconcile_mailboxes(services: Services, day: datetime, after_chunk: Callable[[], None]) -> list[Gap]:
    names = [box.name for box in services.settings.mailbox]
    # Each day another one comes first, so that none is always the one that there was no time for.
    first = day.toordinal() % len(names) if names else 0
    ends, found = time.monotonic() + DAILY_SECONDS, list[Gap]()
    for name in (*names[first:], *names[:first]):
        if time.monotonic() > ends:
            logger.warning("Mailbox %s was not reconciled today: there was no time left", name)
            continue
        compared = reconcile_mailbox(services, name, repair=True, after_chunk=after_chunk)
        found += compared.gaps
    return found


def _alert(found: Sequence[Gap]) -> Alert:
    left = sum(not gap.repaired for gap in found)
    sentences = [gap.sentence + (" It was repaired." if gap.repaired else "") for gap in found[:MOST_SENTENCES]]
    if len(found) > MOST_SENTENCES:
        sentences.append(f"And {len(found) - MOST_SENTENCES} more, which are in the log.")
    title = f"reconciliation found {len(found)} gap{'' if len(found) == 1 else 's'}, {left} left"
    return Alert(title, " ".join(sentences), ADVICE)
