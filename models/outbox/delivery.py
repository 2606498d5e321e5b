"""A mail of the outbox as delivery reads it: locked, with its files and with what the gate asks about it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from desk.gate.verdict import GateFacts
from desk.notices.recipients import BY_TEMPLATE
from desk.tokens import Grant, ReplyKind
from mail.outbound.compose import File, InlineImage, Outgoing
from models.db.claims import Claimed
from models.db.statement import Statement
from models.outbox.breakers import STRANGERS
from models.outbox.gate_facts import OUR_MAILS, REPLIED, Mailing, count_values, facts_of_written, with_confirmations
from models.outbox.rows import GRANT, OutboxRow, grant_of
from models.people.rows import PEOPLE, person_of

# More than this nobody reads; the count goes on with the next look.
MOST_OVERDUE = 1000

# The columns of a mail `a` of the outbox that an `OutboxMail` is made of, with those of its grant.
_MAIL_COLUMNS: Final = f"""
{GRANT}, a.template, a.sender_name, a.sender, a.recipient_name, a.reply_to, a.subject, a.text, a.html, a.message_id,
    a.dated, a.in_reply_to, a."references" AS earlier, a.auto_submitted, a.attempts, a.written_at,
    EXISTS (SELECT FROM mail.outbox_file f WHERE f.outbox_id = a.id) AS has_files
"""
# A claimed mail `a`, locked: its grant, the mail itself, its recipient `who` as a person, and what the gate asks about
# it before it is sent, as it asks in `ASK` when it is written. A loop is seen when a mail is written; a breaker that
# opened since then is asked for here. Of two that were written at the same moment, the one with the lower id goes.
TAKE: Final = Statement(f"""
WITH ours AS NOT MATERIALIZED ({OUR_MAILS})
SELECT {_MAIL_COLUMNS}, e.cause, who.*,
    b.reason AS breaker, cause.automatic IS NOT NULL AS robot, cause.evidence ->> 'proof' AS proof,
    (SELECT s.reason FROM mail.suppression s
     WHERE s.address = a.recipient AND (s.expires_at IS NULL OR s.expires_at > now())) AS suppressed,
    ARRAY(
        SELECT o.turn FROM ours o
        WHERE o.correspondent = a.correspondent AND coalesce(o.fate, 'sent') = 'sent'
            AND o.written_at > :written AND o.id <> a.id AND o.turn <= :now
        ORDER BY o.turn DESC LIMIT CASE WHEN recipient.is_staff THEN :most_of_staff ELSE :most END
    ) AS went,
    CAST(NULL AS timestamptz[]) AS passed,
    letter.acknowledges AND EXISTS (
        SELECT FROM ours o
        WHERE o.correspondent = a.correspondent AND o.stands AND o.template = a.template AND o.written_at > :day
            AND o.id < a.id
    ) AS was_answered,
    letter.acknowledges AND EXISTS (
        SELECT FROM ours o WHERE o.correspondent = a.correspondent AND o.stands AND o.id < a.id
    ) AS was_written_to,
    (SELECT x.reason FROM mail.breaker x WHERE x.address = '{STRANGERS}') AS strangers_stopped
FROM mail.outbox a
LEFT JOIN mail.event e ON e.id = a.event_id
LEFT JOIN mail.ledger cause ON cause.id = e.cause
LEFT JOIN mail.breaker b ON b.address = a.correspondent
LEFT JOIN LATERAL ({PEOPLE} WHERE p.number = a.person_number) AS who ON true
CROSS JOIN LATERAL (SELECT coalesce(who.staff_role = who.role, false) AS is_staff) AS recipient
CROSS JOIN LATERAL (
    SELECT a.auto_submitted = '{REPLIED}' AND a.kind <> '{ReplyKind.CONFIRM}' AND NOT recipient.is_staff AS acknowledges
) AS letter
-- `num_nulls` says that it is undecided in words that no index has, for its id is known.
WHERE a.id = :id AND a.claimed_by = :token AND num_nulls(a.fate) = 1
FOR UPDATE OF a
""")
# One mail as it is, with its grant.
_READ: Final = Statement(f"SELECT {_MAIL_COLUMNS} FROM mail.outbox a WHERE a.id = :id")
# The files of a mail with their bytes, in order; few mails have any, so TAKE does not ask for them.
_FILES: Final = Statement(
    """
    SELECT f.filename, f.content_id, b.content FROM mail.outbox_file f JOIN mail.blob b USING (sha256)
    WHERE f.outbox_id = :id ORDER BY f.position
    """,
    binary=True,
)


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """A mail of the outbox: what it gives its recipient, by which template, and its `mail`, which lacks its files."""

    grant: Grant
    template: str
    attempts: int
    written_at: datetime
    mail: Outgoing
    has_files: bool

    @property
    def id(self) -> int:
        """Its row."""
        return self.grant.id

    @property
    def recipient(self) -> str:
        """The address that it goes to."""
        return self.grant.address

    @property
    def auto_submitted(self) -> str | None:
        """The header of RFC 3834; None where a person wrote the mail."""
        return self.mail.auto_submitted


def lock_mail(
    session: Session, claimed: Claimed, row: int, own: frozenset[str], now: datetime
) -> tuple[OutboxMail, GateFacts] | None:
    """Lock a claimed row and read its mail and what the gate asks.

    None where the claim no longer holds, and nothing may be written. `own` are the desk's own addresses.
    """
    found = TAKE.one(session, {"id": row, "token": claimed.token, **count_values(now)})
    if found is None:
        return None
    outbox_mail = _outbox_mail(found)
    mailing = Mailing(BY_TEMPLATE[outbox_mail.template], outbox_mail.recipient, outbox_mail.grant.person, found.cause)
    person = person_of(found) if found.number else None
    facts = facts_of_written(mailing, person, found, own, now)
    return outbox_mail, with_confirmations(session, mailing, row, facts)


def read_outbox_mail(session: Session, row: int) -> OutboxMail:
    """A mail of the outbox, whoever has claimed it; raises LookupError where there is none."""
    found = _READ.one(session, {"id": row})
    if found is None:
        raise LookupError(f"The outbox has no row {row}.")
    return _outbox_mail(found)


def outgoing(session: Session, outbox_mail: OutboxMail) -> Outgoing:
    """The mail with its files."""
    if not outbox_mail.has_files:
        return outbox_mail.mail
    files = _FILES.rows(session, {"id": outbox_mail.id})
    return replace(
        outbox_mail.mail,
        inline=tuple(InlineImage(file.content_id, file.filename, file.content) for file in files if file.content_id),
        files=tuple(File(file.filename, file.content) for file in files if not file.content_id),
    )


def list_overdue(session: Session, age: timedelta) -> list[int]:
    """The ids of outgoing mails that have been due for longer than `age` and are neither sent nor given up."""
    late = and_(OutboxRow.fate.is_(None), OutboxRow.due_at < func.now() - age)
    return list(session.scalars(select(OutboxRow.id).where(late).order_by(OutboxRow.id).limit(MOST_OVERDUE)))


def _outbox_mail(row: Row[*tuple[Any, ...]]) -> OutboxMail:
    mail = Outgoing(
        sender_name=row.sender_name,
        sender=row.sender,
        recipient_name=row.recipient_name,
        recipient=row.recipient,
        reply_to=row.reply_to,
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.message_id,
        date=row.dated,
        in_reply_to=row.in_reply_to,
        references=tuple(row.earlier),
        auto_submitted=cast("Literal['auto-generated', 'auto-replied'] | None", row.auto_submitted),
        inline=(),
        files=(),
        boundary_seed=row.message_id,
    )
    return OutboxMail(grant_of(row), row.template, row.attempts, row.written_at, mail, row.has_files)
