"""Accounts of what was decided: what the database remembers of a mail, a ticket or a mail of ours, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SentAccount:
    """A mail of ours: to whom, by which letter, what caused it, and what became of it.

    `event` is the kind of event it tells of, `cause` the ledger id of the mail behind that. `bounced` are the
    failures that mail servers reported of it.
    """

    number: int
    template: str
    recipient: str
    subject: str
    message_id: str
    ticket: int | None
    event: str | None
    cause: int | None
    written_at: datetime
    fate: str | None
    reason: str | None
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str | None
    spent_at: datetime | None
    bounced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A mail that came in: where it lay, what became of it, and the evidence for it.

    `evidence` is by name: the rule of intake, kind, thread, trust and what else was found. `confidence` is how sure
    the reading of the reply was, from 0 to 1, and None where the mail became no text of a ticket; `removed` is what it
    took off, such as the quoted mail.
    """

    number: int
    mailbox: str
    folder: str
    uid: int
    stored_at: datetime
    message_id: str | None
    sender: str | None
    fate: str | None
    reason: str | None
    evidence: Mapping[str, str]
    ticket: int | None
    tries: int
    error: str | None
    confirmed_at: datetime | None
    confidence: float | None = None
    repairs: tuple[str, ...] = ()
    removed: str = ""
    sent: tuple[SentAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteAccount:
    """An internal note of a ticket and why it is one; `ledger_id` is the mail that it came by."""

    number: int
    ledger_id: int | None
    reason: str
    written_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class AssignmentAccount:
    """Whom routing gave a ticket, and why."""

    reason: str
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class TicketAccount:
    """A ticket with everything that came and went about it; `title` and `status` are None where it was deleted.

    `merged_into` is the number of the ticket that it became part of.
    """

    number: int
    title: str | None
    status: str | None
    continues: int | None
    assignments: tuple[AssignmentAccount, ...]
    notes: tuple[NoteAccount, ...]
    mails: tuple[MailAccount, ...]
    sent: tuple[SentAccount, ...]
    merged_into: int | None = None


Account = SentAccount | MailAccount | TicketAccount
