"""What became of a mail, a ticket or a mail of ours, as values read from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SentAccount:
    """A mail of ours: to whom, from which template, what caused it, and what became of it; times are in UTC.

    `event` is the kind of event it tells of, `cause` the ledger id of the mail that caused the event. `bounced` are
    the failures that mail servers reported of it.
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
class CommandAccount:
    """A command of a mail as its author was answered: the line, whether it was carried out, the sentence and more.

    An empty line stands for the mail itself.
    """

    line: str
    done: bool
    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChangeAccount:
    """A field of a ticket that a mail changed, as the database has it; None where it was or is empty."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A received mail: its place on the IMAP server, what became of it, and the evidence for that; times are in UTC.

    `evidence` is by name: the rule of intake, kind, thread, trust and what else was found. `confidence` is how sure
    the reading of the reply was, from 0 to 1, and None where the mail became no text of a ticket; `removed` is what it
    took off, such as the quoted mail. `commands` are the commands of the mail, as its author was answered them, and
    `changed` what it changed of a ticket.
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
    restored_at: datetime | None = None
    waited_at: datetime | None = None
    confidence: float | None = None
    repairs: tuple[str, ...] = ()
    removed: str = ""
    sent: tuple[SentAccount, ...] = ()
    commands: tuple[CommandAccount, ...] = ()
    changed: tuple[ChangeAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteAccount:
    """An internal note of a ticket, and why it is no comment; `ledger_id` is the mail that brought it."""

    number: int
    ledger_id: int | None
    reason: str
    written_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class AssignmentAccount:
    """One assignment of a ticket by routing, with the sentence that says to whom and why."""

    reason: str
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class TicketAccount:
    """A ticket with all its mails in both directions; `title` and `status` are None where it was deleted.

    `archived_at` is since when it is in the archive, which has its title and status then. `merged_into` is the number
    of the ticket that it became part of. `unproven` is the address of who opened it, where that was refuted, and
    neither proven nor accepted since.
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
    unproven: str | None = None
    archived_at: datetime | None = None
