"""The tasks that compute: one call each, and what to ring next; all state is in the database."""

import time

from celery import shared_task

from worker.admin.digests.dropped import send_dropped_digest
from worker.admin.digests.quarantine import send_digest
from worker.admin.digests.quarantined_events import tell_of_events
from worker.admin.digests.unlisted_staff import tell_of_suspects
from worker.admin.digests.without_staff import tell_owner
from worker.admin.retention import let_go_for
from worker.admin.search_index import keep_index
from worker.admin.web_logins import purge_for
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.announce.waiting import route_waiting
from worker.intake.run import receive_due
from worker.runtime.bell import ring
from worker.runtime.health.watchman import watch_over
from worker.runtime.queue_run import RUN_SECONDS
from worker.runtime.services import current_services

# Of a thousand mails that come at once, the first is answered after about so many seconds, not after the last.
TURN_SECONDS = 1.0


@shared_task(name="receive")
def receive() -> None:
    """Decide mails of the ledger and announce what they changed, in turns; where more are waiting, ring again."""
    ends, more, untold = time.monotonic() + RUN_SECONDS, True, False
    try:
        while more and time.monotonic() < ends:
            run = receive_due(current_services(), TURN_SECONDS)
            more = run.more
            untold = announce_for(TURN_SECONDS) if run.done else untold
    finally:
        if more:
            ring("receive")
    # Once a run: each ring announces for as long as a run, in which nobody decides.
    if untold:
        ring("announce")


@shared_task(name="announce")
def announce() -> None:
    """Turn events into mails in the outbox; where more are waiting, ring again."""
    if announce_for(RUN_SECONDS):
        ring("announce")


def announce_for(seconds: float) -> bool:
    """Announce for about so many seconds, and let the mails go; whether more is waiting."""
    run = announce_due(current_services(), seconds)
    if run.done:
        ring("deliver")
    return run.more


@shared_task(name="report")
def report() -> None:
    """Start the scheduled reports that are due, and route what came while nobody was staff."""
    if start_due_reports(current_services()) + route_waiting(current_services()):
        ring("announce")


@shared_task(name="digest")
def digest() -> None:
    """Tell the admins of mails in quarantine and dropped ones and of doubtful accounts, or the owner without staff."""
    services = current_services()
    told = send_digest(services) + send_dropped_digest(services)
    if told + tell_of_events(services) + tell_of_suspects(services) + tell_owner(services):
        ring("announce")


@shared_task(name="watchman")
def watchman() -> None:
    """Look at the desk, and tell the admins of what began and of what is over."""
    watched = watch_over(current_services())
    if watched.began or watched.ended:
        ring("announce")


@shared_task(name="retention")
def retention() -> None:
    """Let go what is too old, and logins that ended, for a moment; where there is more, ring again."""
    more = let_go_for(current_services(), TURN_SECONDS)
    if purge_for(current_services(), TURN_SECONDS) or more:
        ring("retention")


@shared_task(name="index")
def index() -> None:
    """Index for the search what was changed, and for a moment what is not indexed yet."""
    services = current_services()
    keep_index(services.engine, services.renderer.languages, TURN_SECONDS)
