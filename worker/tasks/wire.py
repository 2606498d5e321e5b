"""The tasks that wait on servers: one call each, and what to ring next; all state is in the database."""

from celery import shared_task

from worker.deliver.certificates import look_at_certificates
from worker.deliver.run import deliver_due
from worker.poll.reconcile_daily import reconcile_daily
from worker.poll.run import poll_mailbox
from worker.runtime.bell import ring
from worker.runtime.services import current_services


@shared_task(name="poll")
def poll(mailbox: str) -> None:
    """Take the new mails of a mailbox into the ledger; where more are waiting, ring again."""
    if poll_mailbox(current_services(), mailbox, after_chunk=lambda: ring("receive")).more:
        ring("poll", mailbox)


@shared_task(name="deliver")
def deliver() -> None:
    """Send what is due in the outbox; where more is waiting, ring again."""
    if deliver_due(current_services()).more:
        ring("deliver")


@shared_task(name="reconcile")
def reconcile() -> None:
    """Once a day compare the mailboxes with the ledger, take what is missing, and see the servers' certificates."""
    if reconcile_daily(current_services(), after_chunk=lambda: ring("receive")):
        ring("announce")
    look_at_certificates(current_services())
