"""Mails of the outbox as delivery reads them: locked, with their files and with what the gate asks about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from desk.gate.verdict import GateFacts
from desk.limits import Limits
from desk.notices.events import EventKind
from desk.notices.held import Question
from desk.notices.recipients import BY_TEMPLATE
from desk.notices.values.buttons import unsubscribe_url
from desk.tokens import Grant, ReplyKind
from mail.outbound.compose import File, InlineImage, Outgoing
from mail.outbound.file_types import picture_type
from models.db.claims import Claimed
from models.db.statement import Statement
from models.ledger.proof import proof_by_cause
from models.outbox.breakers import KEY_OF, STRANGERS
from models.outbox.confirmations import QUESTION
from models.outbox.gate_facts import (
    A_DAY_AGO,
    OUR_MAILS,
    REPLIED,
    WRITTEN_SINCE,
    Mailing,
    counted,
    facts_of_written,
    may_be_full,
    with_confirmations,
)
from models.outbox.rows import GRANT, OutboxRow, grant_of
from models.people.rows import PEOPLE, person_of

# Nobody reads more than this; the next run counts on.
MOST_OVERDUE = 1000

# The columns of a mail `a` of the outbox that an `OutboxMail` is made of, with those of its grant.
_MAIL_COLUMNS: Final = f"""
{GRANT}, a.template, a.sender_name, a.sender, a.recipient_name, a.reply_to, a.subject, a.text, a.html, a.message_id,
    a.dated, a.in_reply_to, a."references" AS earlier, a.auto_submitted, a.may_stop, a.attempts,
    greatest(a.written_at, a.retried_at) AS begun_at, now(),
    EXISTS (SELECT FROM mail.outbox_file f WHERE f.outbox_id = a.id) AS has_files
"""
# Locks a claimed mail `a`, and reads it with its recipient and with what the gate asks before it is sent.
TAKE: Final = Statement(f"""
WITH ours AS NOT MATERIALIZED ({OUR_MAILS})
SELECT {_MAIL_COLUMNS}, e.cause, {QUESTION.format(event="e")} AS question, person.*,
    -- What was written before a breaker opened was within its cap, and goes.
    CASE WHEN b.opened_at < a.written_at THEN b.reason END AS breaker, cause.automatic IS NOT NULL AS robot,
    CASE WHEN cause.id IS NOT NULL THEN counts.proof END AS proof,
    (SELECT s.reason FROM mail.suppression s
     WHERE s.address = a.recipient AND (s.expires_at IS NULL OR s.expires_at > now())) AS suppressed,
    -- When other mails of ours went to them lately, and about which tickets, where these may fill a cap.
    lately.went, lately.tickets,
    -- A loop is seen when a mail is written; the breaker that it opened is enough here.
    CAST(NULL AS timestamptz[]) AS passed,
    -- Of two answers that were written at the same moment, the one with the lower id goes.
    letter.acknowledges AND EXISTS (
        SELECT FROM ours o
        WHERE o.correspondent = a.correspondent AND o.stands AND o.template = a.template AND o.written_at > {A_DAY_AGO}
            AND o.id < a.id AND o.proof = counts.proof
    ) AS was_answered,
    letter.acknowledges AND EXISTS (
        SELECT FROM ours o WHERE o.correspondent = a.correspondent AND o.stands AND o.id < a.id
    ) AS was_written_to,
    (SELECT x.reason FROM mail.breaker x
     WHERE x.address = '{STRANGERS}' AND x.opened_at < a.written_at) AS strangers_stopped,
    -- What the mail tells of, where it was deleted since; who gave a command is answered all the same. A mail about an
    -- assignment holds the words that were written with it.
    CASE WHEN e.kind = '{EventKind.COMMAND_ANSWERED}' THEN NULL
        WHEN EXISTS (SELECT FROM mail.ticket t WHERE t.number = a.ticket_number AND t.ticket_id IS NULL) THEN 'ticket'
        WHEN EXISTS (
            SELECT FROM mail.event x
            WHERE x.ticket_number = e.ticket_number AND x.transaction = e.transaction AND x.comment_id IS NOT NULL
                AND (x.id = e.id OR a.template IN ('ticket-assigned', 'ticket-unassigned'))
                AND NOT EXISTS (SELECT FROM public."Comment" c WHERE c.id = x.comment_id)
        ) THEN 'comment' END AS gone
FROM mail.outbox a
LEFT JOIN mail.event e ON e.id = a.event_id
LEFT JOIN mail.ledger cause ON cause.id = e.cause
CROSS JOIN LATERAL (SELECT {proof_by_cause("cause")} AS proof) AS counts
LEFT JOIN mail.breaker b ON b.address = {KEY_OF.format(address="a.correspondent", proof="counts.proof")}
LEFT JOIN LATERAL ({PEOPLE} WHERE p.number = a.person_number) AS person ON true
CROSS JOIN LATERAL (SELECT coalesce(person.staff_role = person.role, false) AS is_staff) AS recipient
CROSS JOIN LATERAL (
    SELECT {may_be_full("recipient.is_staff")} AS may_be_full FROM ours o
    WHERE o.correspondent = a.correspondent AND coalesce(o.fate, 'sent') = 'sent'
        AND o.written_at > {WRITTEN_SINCE} AND o.id <> a.id AND o.turn <= now()
) AS caps
CROSS JOIN LATERAL (
    SELECT array_agg(o.turn) AS went, array_agg(o.ticket_number) AS tickets FROM (
        SELECT o.turn, o.ticket_number FROM ours o
        WHERE caps.may_be_full AND o.correspondent = a.correspondent AND coalesce(o.fate, 'sent') = 'sent'
            AND o.written_at > {WRITTEN_SINCE} AND o.id <> a.id AND o.turn <= now() AND o.proof = counts.proof
        ORDER BY o.turn DESC LIMIT CASE WHEN recipient.is_staff THEN :most_of_staff ELSE CAST(:most AS bigint) END
    ) AS o
) AS lately
CROSS JOIN LATERAL (
    SELECT a.auto_submitted = '{REPLIED}' AND a.kind <> '{ReplyKind.CONFIRM}' AND NOT recipient.is_staff AS acknowledges
) AS letter
-- The row has no fate. Its id is known, so the condition is one that no index has.
WHERE a.id = :id AND a.claimed_by = :token AND num_nulls(a.fate) = 1
FOR UPDATE OF a
""")
# A mail, whoever has claimed it.
_READ: Final = Statement(f"SELECT {_MAIL_COLUMNS} FROM mail.outbox a WHERE a.id = :id")
# The files of a mail with their bytes, in order. Few mails have any, so they are not read with the mail.
_FILES: Final = Statement(
    """
    SELECT f.filename, f.content_id, b.content FROM mail.outbox_file f JOIN mail.blob b USING (sha256)
    WHERE f.outbox_id = :id ORDER BY f.position
    """,
    binary=True,
)


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """A mail of the outbox; `grant` is the right to answer that it carries, and `mail` still lacks its files.

    Its age counts from `begun_at`, when it was written or last sent again by hand. The transaction that read it began
    at `now` by the database's clock.
    """

    grant: Grant
    template: str
    attempts: int
    begun_at: datetime
    now: datetime
    mail: Outgoing
    has_files: bool

    @property
    def id(self) -> int:
        """The id of its row."""
        return self.grant.id

    @property
    def recipient(self) -> str:
        """The address that it goes to."""
        return self.grant.address

    @property
    def auto_submitted(self) -> str | None:
        """The header of RFC 3834; None where a person wrote the mail."""
        return self.mail.auto_submitted


Locked = tuple[OutboxMail, GateFacts]


def lock_mail(session: Session, claimed: Claimed, outbox_id: int, own: frozenset[str], limits: Limits) -> Locked | None:
    """Lock a claimed mail and read it with what the gate asks; `own` are the desk's own addresses.

    None where the claim no longer holds, and nothing may be written.
    """
    (locked,) = lock_mails(session, [(claimed, outbox_id)], own, limits)
    return locked


def lock_mails(
    session: Session, rows: Sequence[tuple[Claimed, int]], own: frozenset[str], limits: Limits
) -> list[Locked | None]:
    """The same of several, each with its claim, in this order and in one round trip."""
    most = counted(limits)
    taken = TAKE.all_rows(session, [{"id": row, "token": claimed.token, **most} for claimed, row in rows])
    return [_locked(session, found[0], own, limits) if found else None for found in taken]


def _locked(session: Session, row: Row[*tuple[Any, ...]], own: frozenset[str], limits: Limits) -> Locked:
    outbox_mail = _outbox_mail(row)
    mailing = Mailing(
        BY_TEMPLATE[outbox_mail.template],
        outbox_mail.recipient,
        outbox_mail.grant.person,
        row.cause,
        Question(row.question),
        outbox_mail.grant.ticket,
    )
    person = person_of(row) if row.number else None
    facts = replace(facts_of_written(mailing, person, row, own), limits=limits)
    return outbox_mail, with_confirmations(session, mailing, outbox_mail.id, facts)


def read_outbox_mail(session: Session, outbox_id: int) -> OutboxMail:
    """A mail of the outbox, whoever has claimed it; raises LookupError where there is none."""
    row = _READ.one(session, {"id": outbox_id})
    if row is None:
        raise LookupError(f"The outbox has no row {outbox_id}.")
    return _outbox_mail(row)


def outgoing(session: Session, outbox_mail: OutboxMail) -> Outgoing:
    """The mail with its files."""
    if not outbox_mail.has_files:
        return outbox_mail.mail
    files = _FILES.rows(session, {"id": outbox_mail.id})
    return replace(
        outbox_mail.mail,
        inline=tuple(_inline(file) for file in files if file.content_id),
        files=tuple(File(file.filename, file.content) for file in files if not file.content_id),
    )


def _inline(file: Row[*tuple[Any, ...]]) -> InlineImage:
    """A picture under its own type, by its first bytes; only pictures are written with a Content-ID."""
    subtype = picture_type(file.content).removeprefix("image/") or "png"
    return InlineImage(file.content_id, file.filename, file.content, subtype)


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
        unsubscribe=unsubscribe_url(row.reply_to) if row.may_stop else None,
    )
    return OutboxMail(grant_of(row), row.template, row.attempts, row.begun_at, row.now, mail, row.has_files)
