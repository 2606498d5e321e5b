"""The tasks that compute: one call each, and what to ring next; all state is in the database."""

from celery import shared_task

from worker.admin.dropped import send_dropped_digest
from worker.admin.quarantine import send_digest
from worker.admin.quarantined_events import tell_of_events
from worker.admin.unlisted_staff import tell_of_suspects
from worker.admin.without_staff import tell_owner
from worker.announce.reports import start_due_reports
from worker.announce.run import announce_due
from worker.announce.waiting import route_waiting
from worker.intake.run import receive_due
from worker.runtime.bell import ring
from worker.runtime.health.watchman import watch_over
from worker.runtime.services import current_services


@shared_task(name="receive")
def receive() -> None:
    """Decide mails of the ledger; where more are waiting, ring again."""
    run = receive_due(current_services())
    if run.done:
        ring("announce")
    if run.more:
        ring("receive")


@shared_task(name="announce")
def announce() -> None:
    """Turn events into mails in the outbox; where more are waiting, ring again."""
    run = announce_due(current_services())
    if run.done:
        ring("deliver")
    if run.more:
        ring("announce")


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
