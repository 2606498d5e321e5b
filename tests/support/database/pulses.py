"""A desk whose processes are all there, as their pulses say, and faults in what it says of itself."""

from desk.reports.health.facts import AlarmKind, ProcessKind
from tests.support.database.services import execute
from worker.runtime.health.pulse import Pulse
from worker.runtime.services import Services

POLLED = """
INSERT INTO mail.mailbox (name, address, polled_at) VALUES ('support', 'support@desk.example', now())
ON CONFLICT (name) DO UPDATE SET polled_at = now()
"""

A_MAIL = """
INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint, stored_at, due_at, fate)
SELECT id, 'INBOX', 1, 1, 9, 'x', now() - interval '{0}', now() - interval '{0}', {1} FROM mail.mailbox
"""
NEWS = "INSERT INTO mail.event (kind, happened_at, due_at) VALUES ('report_due', now(), now() - interval '11 minutes')"
OURS = """
INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name, subject, text,
    html, message_id, dated, token_expires_at, written_at, due_at, fate, error, decided_at)
SELECT 't', 'none', 'support', 'customer', 'ann@customer.example', '', 'support@desk.example', '', 's', 't', 'h',
    'm' || n, now(), now(), now() - interval '1 hour', now() {0}, now() FROM generate_series(1, {1}) n
"""
# Each trouble: what makes it, and what ends it.
FAULTS: dict[str, tuple[AlarmKind, str, str]] = {
    "no worker on a queue": (
        AlarmKind.NO_WORKER,
        "UPDATE mail.pulse SET queues = '{desk}' WHERE kind = 'worker'",
        "UPDATE mail.pulse SET queues = '{wire,desk}' WHERE kind = 'worker'",
    ),
    "a worker that is silent": (
        AlarmKind.NO_WORKER,
        """
        UPDATE mail.pulse SET queues = '{desk}' WHERE kind = 'worker'; INSERT INTO mail.pulse SELECT 'gone', 1, kind,
        '{wire}', version, key, 0, 1, 1, now(), now() - interval '80 s' FROM mail.pulse WHERE kind = 'worker'
        """,
        "UPDATE mail.pulse SET beat_at = now(), disk_free = 1e12, disk_total = 1e12",
    ),
    "no beat": (
        AlarmKind.NO_BEAT,
        "UPDATE mail.pulse SET beat_at = now() - interval '80 s' WHERE kind = 'beat'",
        "UPDATE mail.pulse SET beat_at = now()",
    ),
    "a login that was refused": (
        AlarmKind.MAILBOX_REFUSED,
        "UPDATE mail.mailbox SET refused_times = 3, trouble = 'the login of support failed'",
        "UPDATE mail.mailbox SET refused_times = 0, trouble = NULL",
    ),
    "a mailbox that is not read": (
        AlarmKind.MAILBOX_SILENT,
        "UPDATE mail.mailbox SET polled_at = now() - interval '16 minutes', trouble = 'it cannot be reached'",
        "UPDATE mail.mailbox SET polled_at = now(), trouble = NULL",
    ),
    "a mailbox that never was read": (
        AlarmKind.MAILBOX_SILENT,
        "DELETE FROM mail.mailbox; UPDATE mail.pulse SET started_at = now() - interval '16 minutes'",
        POLLED,
    ),
    "an undecided mail": (
        AlarmKind.UNDECIDED,
        A_MAIL.format("11 minutes", "NULL"),
        "UPDATE mail.ledger SET fate = 'applied'",
    ),
    "news that nobody writes": (AlarmKind.UNANNOUNCED, NEWS, "UPDATE mail.event SET fate = 'announced'"),
    "mails that pile up": (
        AlarmKind.OUTBOX_PILING,
        OURS.format("- interval '11 minutes', NULL, NULL", 2),
        "UPDATE mail.outbox SET fate = 'sent'",
    ),
    "a server that takes no mails": (
        AlarmKind.OUTBOX_FAILING,
        OURS.format("+ interval '1 minute', NULL, 'it cannot be reached'", 2),
        "UPDATE mail.outbox SET fate = 'sent'",
    ),
    "mails that fail for good": (
        AlarmKind.OUTBOX_FAILING,
        OURS.format(", 'failed', NULL", 6),
        "UPDATE mail.outbox SET fate = 'sent'",
    ),
    "a disk that is nearly full": (
        AlarmKind.DISK,
        "UPDATE mail.pulse SET disk_free = 900000000, disk_total = 90000000000",
        "UPDATE mail.pulse SET disk_free = 90000000000, disk_total = 90000000000",
    ),
    "a reconciliation that is overdue": (
        AlarmKind.RECONCILE,
        "INSERT INTO mail.report_run (name, due_at, made_at) VALUES ('reconcile', now(), now() - interval '31 hours')",
        "UPDATE mail.report_run SET made_at = now()",
    ),
    "a reconciliation that never was": (
        AlarmKind.RECONCILE,
        A_MAIL.format("31 hours", "'applied'"),
        "INSERT INTO mail.report_run (name, due_at) VALUES ('reconcile', now())",
    ),
    "a certificate that ends": (
        AlarmKind.CERTIFICATE,
        "UPDATE mail.mailbox SET certificate_ends_at = now() + interval '13 days'",
        "UPDATE mail.mailbox SET certificate_ends_at = now() + interval '90 days'",
    ),
    "an outgoing server's certificate that ends": (
        AlarmKind.OUTGOING_CERTIFICATE,
        "INSERT INTO mail.outgoing_server VALUES ('localhost:1025', now() + interval '13 days')",
        "UPDATE mail.outgoing_server SET certificate_ends_at = now() + interval '90 days'",
    ),
    "a clock that is wrong": (
        AlarmKind.CLOCK,
        "UPDATE mail.pulse SET clock_off = -3600",
        "UPDATE mail.pulse SET clock_off = 1",
    ),
}


def all_is_well(services: Services) -> None:
    """Let a worker on each queue and a beat have a pulse, and let the mailbox be read just now."""
    Pulse(services.settings, ProcessKind.WORKER, ("desk", "wire")).beat()
    Pulse(services.settings, ProcessKind.BEAT).beat()
    execute(services, POLLED)
