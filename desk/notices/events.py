"""The changes that one transaction made to a ticket, as values."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from desk.commands.command import CommandAnswer
from desk.notices.held import HeldMail, Receipt, WaitingMail
from desk.ticket import Person, Status, Ticket
from mail.mime.addresses import Address
from mail.outbound.catalogue import Said


class EventKind(StrEnum):
    """The kinds of event in the table mail.event."""

    TICKET_OPENED = "ticket_opened"
    TICKET_CHANGED = "ticket_changed"
    COMMENT_ADDED = "comment_added"
    NOTE_ADDED = "note_added"
    COMMAND_ANSWERED = "command_answered"
    MAIL_HELD = "mail_held"
    MAIL_UNCONFIRMED = "mail_unconfirmed"
    ANSWER_WAITS = "answer_waits"
    REPORT_DUE = "report_due"
    MAIL_TOO_LARGE = "mail_too_large"
    QUARANTINE_DIGEST = "quarantine_digest"
    ALERT = "alert"
    WAIT_OVER = "wait_over"
    CUSTOMER_TOLD = "customer_told"


class Field(StrEnum):
    """The fields of a ticket whose change is an event."""

    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGNEE = "assignee"
    TITLE = "title"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's own words as their author wrote them: text with the sign-off, and the cleaned HTML of these words."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or an internal note; `author` is None where its author has no person.

    `withheld` is why a note of somebody who is not staff is no comment, where `#accept` makes it one; otherwise None.
    `letter` is what its mail said, None where it came otherwise.
    """

    author: Person | None
    name: str
    text: str
    withheld: Said | None = None
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier comment or internal note: the name of its author, its text, which may be cut, and its time."""

    author: str
    text: str
    at: datetime
    is_note: bool


@dataclass(frozen=True, slots=True)
class CustomerWords:
    """The last public words of a ticket's customer, which may be cut, and their time."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    """Another ticket, as a mail about this one names it."""

    number: int
    title: str
    status: Status


@dataclass(frozen=True, slots=True)
class Continued:
    """The closed ticket that this one goes on from, with its last public words."""

    ticket: EarlierTicket
    words: str


@dataclass(frozen=True, slots=True)
class History:
    """The past of a ticket for its new owner: the last turns, oldest first, and the customer's last other tickets."""

    turns: tuple[Turn, ...] = ()
    continues: Continued | None = None
    latest: tuple[EarlierTicket, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerWaits:
    """An answer of staff that waits for a word of its author until then; `remarks` is what colleagues wrote meanwhile.

    What was deleted since is not among it.
    """

    until: datetime
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class DraftAsked:
    """An earlier answer that somebody wants as a draft: its place in their mail, its ticket, and its comment's id."""

    place: int
    ticket: int
    comment: str


@dataclass(frozen=True, slots=True)
class DueReport:
    """A scheduled report: its name in the settings and the time at which it is due, or at which somebody asked."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The size of a mail above the limit, and that limit, in bytes."""

    size: int
    largest: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A mail in quarantine as the digest for admins names it; `subject` and `sender` are the mail's own words.

    With `dropped` it is not there, but was dropped as one that no person wrote.
    """

    ledger_id: int
    mailbox: str
    sender: str
    subject: str
    reason: str
    dropped: bool = False


class AlertKey(StrEnum):
    """What an alert is about, by which another of the same kind is found; `earlier` is one of an earlier version."""

    CHANGES = "changes"
    ACCOUNTS = "accounts"
    NO_STAFF = "no_staff"
    LOOP = "loop"
    STRANGERS = "strangers"
    REFUSED = "refused"
    NEWS = "news"
    UNREACHABLE = "unreachable"
    BOMB = "bomb"
    GAPS = "gaps"
    ALARM = "alarm"
    ALL_CLEAR = "all_clear"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an admin should look at: a title, a sentence, and advice on what to do.

    `about` names its subjects, such as accounts, of which the admins are told once, or the ticket of lost news.
    """

    key: AlertKey
    title: Said
    sentence: Said
    advice: Said
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One row of mail.event: a change of a ticket from `old` to `new`, a comment or note, or a message to a person.

    `remark` is the comment or note, `former` who had the ticket before, `history` what a new owner is told of its past,
    `answered` the customer's words before a comment of somebody else, and `colleagues` the staff who wrote notes on the
    ticket of a new one. `person` is the recipient of a message, whose matter is `outcomes` with `receipt`, `held`,
    `waits`, `report`, `too_large`, `quarantined`, `alert` or `draft`; `unnamed` is how many more mails were dropped
    than are named. A question lists in `waiting` what else waits; `thread` are the Message-IDs of the questions before
    it, oldest first.
    """

    id: int
    kind: EventKind
    field: Field | None = None
    old: str | None = None
    new: str | None = None
    remark: Remark | None = None
    former: Person | None = None
    history: History | None = None
    answered: CustomerWords | None = None
    colleagues: tuple[Person, ...] = ()
    person: Person | None = None
    outcomes: tuple[CommandAnswer, ...] = ()
    receipt: Receipt | None = None
    held: HeldMail | None = None
    report: DueReport | None = None
    too_large: TooLarge | None = None
    quarantined: tuple[Quarantined, ...] = ()
    unnamed: int = 0
    alert: Alert | None = None
    waiting: tuple[WaitingMail, ...] = ()
    thread: tuple[str, ...] = ()
    waits: AnswerWaits | None = None
    draft: DraftAsked | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """The mail that made the change: its sender, its other recipients, and whether a program wrote it.

    `unanswered` says why its sender gets no acknowledgement, None where they get one; `came_at` is when it came.
    `has_power` says that it is a mail of staff of full power; To and Cc of any other are claims of whoever wrote it.
    `refuted` says that our own mail server denies that it is its sender's, `waited` that it waited for a word of its
    author.
    """

    ledger_id: int
    message_id: str | None
    sender: str
    recipients: frozenset[str]
    automatic: bool
    unanswered: str | None = None
    came_at: datetime | None = None
    has_power: bool = False
    refuted: bool = False
    waited: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All events of one transaction on one ticket, with the people who may be told.

    `participants` take part in the ticket besides its assignee; `admins` are the staff with that role.
    `guests` were added to it in Cc, and have no person yet. `opening` are the words of the mail that opened it, where
    one of the events tells of that. `watchers` asked for the news of its owner; not all of them may still get it.
    """

    ticket: Ticket | None
    events: tuple[Event, ...]
    happened_at: datetime
    actor: Person | None
    cause: Cause | None
    participants: tuple[Person, ...]
    admins: tuple[Person, ...]
    guests: tuple[Address, ...] = ()
    opening: Letter | None = None
    watchers: tuple[Person, ...] = ()

    def with_outcomes(self, event: Event) -> Event:
        """An event with what became of all commands of its person, for a person gets one mail of a change set."""
        theirs = [one for one in self.events if one.person == event.person]
        outcomes = tuple(outcome for one in theirs for outcome in one.outcomes)
        return replace(event, outcomes=outcomes, receipt=next((one.receipt for one in theirs if one.receipt), None))
