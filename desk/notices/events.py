"""What happened on a ticket in one transaction, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.commands.obey import CommandAnswer
from desk.ticket import Person, Ticket


class EventKind(StrEnum):
    """The kinds of event that the database records."""

    TICKET_OPENED = "ticket_opened"
    TICKET_CHANGED = "ticket_changed"
    COMMENT_ADDED = "comment_added"
    NOTE_ADDED = "note_added"
    COMMAND_ANSWERED = "command_answered"
    MAIL_HELD = "mail_held"
    MAIL_UNCONFIRMED = "mail_unconfirmed"
    REPORT_DUE = "report_due"
    MAIL_TOO_LARGE = "mail_too_large"
    QUARANTINE_DIGEST = "quarantine_digest"
    ALERT = "alert"


class Field(StrEnum):
    """The fields of a ticket whose change is an event."""

    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGNEE = "assignee"
    TITLE = "title"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or an internal note; `author` is None where somebody unknown to the desk wrote it.

    `withheld` says why a note of somebody who is not staff is no comment, where `#accept` lets it be one; else empty.
    """

    author: Person | None
    name: str
    text: str
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail of staff that had no effect: its subject, why, and what to do."""

    subject: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class DueReport:
    """A scheduled report that is due: its name in the settings and the due time."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A mail that was larger than the settings allow; both sizes in bytes."""

    size: int
    largest: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A mail in quarantine, as an admin is told of it; `subject` and `sender` are the mail's own words."""

    ledger_id: int
    mailbox: str
    sender: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something an admin should look at: what it is, in a few words and in a sentence, and what to do.

    `about` names the things that are told of once.
    """

    title: str
    sentence: str
    advice: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    `remark` is the comment or note that it is about; `person` is whom it is for where it is no change of a ticket, and
    then `outcomes`, `held`, `report`, `too_large`, `quarantined` or `alert` is what it has to say.
    """

    id: int
    kind: EventKind
    field: Field | None = None
    old: str | None = None
    new: str | None = None
    remark: Remark | None = None
    person: Person | None = None
    outcomes: tuple[CommandAnswer, ...] = ()
    held: HeldMail | None = None
    report: DueReport | None = None
    too_large: TooLarge | None = None
    quarantined: tuple[Quarantined, ...] = ()
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """The mail that made the change: who sent it, who got it too, and whether a person wrote it.

    `unanswered` says why its sender is sent no acknowledgement, None where nothing stands against one.
    """

    ledger_id: int
    message_id: str | None
    sender: str
    recipients: frozenset[str]
    automatic: bool
    unanswered: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All events of one transaction on one ticket, with the people around it.

    `participants` take part in the ticket besides its assignee; `admins` are the staff with that role.
    """

    ticket: Ticket | None
    events: tuple[Event, ...]
    happened_at: datetime
    actor: Person | None
    cause: Cause | None
    participants: tuple[Person, ...]
    admins: tuple[Person, ...]
