"""Everything that is known of how the desk is, read at one moment; of the queues only what waits is looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.gate.hold import TAKEN_BACK, Waits
from desk.reports.health.facts import Health, MailboxState, OutboxState, Waiting
from models.db.statement import Statement
from models.outbox.undelivered import DROPPED, SENDER_REFUSED
from models.reports.health.pulses import read_processes

# What `Health.others` counts in any case.
IN_QUARANTINE: Final = "in quarantine"
# How many mails wait so that an answer may be taken back; they are no trouble.
HELD_BACK: Final = "waiting so that an answer may be taken back"
ASKED: Final = "waiting for their author's word"
# A mail whose server could not be reached was never tried; one that it refused for what we are says so.
_STUCK: Final = f"fate IS NULL AND error IS NOT NULL AND (attempts = 0 OR reason = '{SENDER_REFUSED}')"
# So many of the latest mails are looked at for what became of them within an hour; nobody keeps an index for that.
_LATEST: Final = "id > (SELECT coalesce(max(id), 0) - 5000 FROM mail.outbox) AND decided_at > now() - interval '1 hour'"
_WAITING: Final = "FROM mail.{0} WHERE fate IS NULL AND due_at <= now()"

_ALL: Final = Statement(f"""
SELECT now() AS at, mails.due AS mails_due, mails.oldest AS mails_oldest, events.due AS events_due,
    events.oldest AS events_oldest, outbox.due AS outbox_due, outbox.oldest AS outbox_oldest, stuck.*, lately.*,
    (SELECT count(*) FROM mail.ledger WHERE fate = 'quarantined') AS quarantined,
    (SELECT count(*) FROM mail.ledger WHERE fate IS NULL AND waited_at IS NOT NULL) AS asked,
    (SELECT stored_at FROM mail.ledger ORDER BY id LIMIT 1) AS first_mail_at,
    (SELECT made_at FROM mail.report_run WHERE name = 'reconcile' ORDER BY due_at DESC LIMIT 1) AS reconciled_at,
    pg_database_size(current_database()) AS database_bytes
FROM (SELECT count(*) AS due, now() - min(due_at) AS oldest {_WAITING.format("ledger")}) AS mails,
    (SELECT count(*) AS due, now() - min(due_at) AS oldest {_WAITING.format("event")}) AS events,
    (SELECT count(*) AS due, now() - min(due_at) AS oldest {_WAITING.format("outbox")}) AS outbox,
    (SELECT count(*) AS stuck, now() - min(coalesce(retried_at, written_at)) AS stuck_for,
        (array_agg(error ORDER BY id DESC))[1] AS stuck_error FROM mail.outbox WHERE {_STUCK}) AS stuck,
    (SELECT count(*) FILTER (WHERE fate = 'failed' AND reason IS DISTINCT FROM '{DROPPED}') AS failed_lately,
        count(*) FILTER (WHERE fate = 'sent') AS sent_lately FROM mail.outbox WHERE {_LATEST}) AS lately
""")
_MAILBOXES: Final = Statement("""
SELECT name, polled_at, trouble, refused_times, certificate_ends_at, resumes_at,
    CASE WHEN lease_token IS NULL AND lease_until > now() THEN lease_until END AS paused_until,
    CASE WHEN resumes_at IS NULL OR resumes_at > now() THEN paused_at END AS paused_at
FROM mail.mailbox
""")
# These read whole tables, so only a person who looks asks them.
_STATES: Final = Statement(f"""
SELECT CASE WHEN fate IS NULL AND error IS NOT NULL THEN 'waiting after an error'
    WHEN fate IS NULL AND due_at > now() AND reason IN ({", ".join(f"'{reason}'" for reason in Waits)})
        THEN '{HELD_BACK}'
    WHEN fate IS NULL THEN 'waiting' ELSE fate END AS state, count(*) AS mails
FROM mail.outbox WHERE coalesce(reason, '') NOT IN ('{DROPPED}', '{TAKEN_BACK}') GROUP BY 1 ORDER BY 1
""")
_REVISION: Final = Statement("SELECT version_num FROM mail.alembic_version")
_UNSENT: Final = Statement("""
SELECT count(*) FILTER (WHERE error IS NULL) AS untried, count(*) FILTER (WHERE error IS NOT NULL) AS tried
FROM mail.outbox WHERE fate IS NULL
""")
_PARKED: Final = Statement("SELECT count(*) AS events FROM mail.event WHERE fate = 'parked'")
_REPORT: Final = Statement("""
SELECT name, made_at FROM mail.report_run WHERE name <> 'reconcile' ORDER BY made_at DESC LIMIT 1
""")


def gather_health(
    session: Session, names: Sequence[str], tokens: Mapping[str, datetime], *, whole: bool = False
) -> Health:
    """How the desk is, whose settings name these mailboxes; `tokens` says when the consent to each of some ends.

    With `whole` also what only a person wants to see: the outbox by state, parked news and the last report.
    """
    row = _ALL.one(session)
    report = _REPORT.one(session) if whole else None
    others = {IN_QUARANTINE: row.quarantined, ASKED: row.asked}
    if whole:
        others["parked news"] = _PARKED.one(session).events
    return Health(
        at=row.at,
        processes=read_processes(session),
        mailboxes=_mailboxes(session, names),
        mails=Waiting(row.mails_due, row.mails_oldest),
        events=Waiting(row.events_due, row.events_oldest),
        due_mails=Waiting(row.outbox_due, row.outbox_oldest),
        outbox=_outbox(row, {one.state: one.mails for one in _STATES.rows(session)} if whole else {}),
        others=others,
        first_mail_at=row.first_mail_at,
        reconciled_at=row.reconciled_at,
        last_report=(report.name, report.made_at) if report else None,
        database_bytes=row.database_bytes,
        tokens=tokens,
    )


def read_revision(session: Session) -> str | None:
    """The revision that the database's tables are at; None where they were taken down."""
    row = _REVISION.one(session)
    return row.version_num if row else None


def count_unsent(session: Session) -> tuple[int, int]:
    """How many mails of the outbox wait, those without an error and those after one."""
    row = _UNSENT.one(session)
    return row.untried, row.tried


def _outbox(row: Any, states: Mapping[str, int]) -> OutboxState:
    return OutboxState(states, row.stuck, row.stuck_for, row.stuck_error or "", row.failed_lately, row.sent_lately)


def _mailboxes(session: Session, names: Sequence[str]) -> tuple[MailboxState, ...]:
    known = {
        row.name: MailboxState(
            row.name,
            read_at=row.polled_at,
            trouble=row.trouble or "",
            refused=row.refused_times,
            paused_until=row.paused_until,
            certificate_ends_at=row.certificate_ends_at,
            paused_at=row.paused_at,
            resumes_at=row.resumes_at,
        )
        for row in _MAILBOXES.rows(session)
    }
    return tuple(known.get(name, MailboxState(name)) for name in names)
