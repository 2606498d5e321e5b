"""The possible decisions on a mail, a class each; `reason` is a sentence for people, `why` evidence by its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from desk.commands.command import Changes, CommandAnswer
from desk.commands.each.away import Away
from desk.commands.waiting import Wish
from desk.notices.events import TooLarge
from desk.notices.held import Question, Receipt, WholeMail
from desk.routing.route import Choice
from desk.ticket import Category, Person, Priority
from mail.bounce.failure import Failure
from mail.mime.addresses import Address
from mail.outbound.catalogue import Said, in_english

Why = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """The mail becomes a ticket; `continues` is the number of the closed ticket that it goes on from.

    `cc` are people who take part in it besides its sender. `unanswered` says why the sender gets no acknowledgement,
    None where they get one. Where staff passed the mail on, `by` is who did, and `note` their own words, which stay
    internal. `dropped_by` is the name of the routing rule that drops such mail. With `unproven` the sender is made no
    person: the ticket stands in nobody's name until staff accept them. `outcomes` and `receipt` are what staff are told
    whose mail opened it. Of an `untold` one its customer is told nothing yet.
    """

    sender: Address
    title: str
    description: str
    category: Category
    priority: Priority
    owner: Choice
    continues: int | None
    reason: str
    why: Why = field(default_factory=dict)
    cc: tuple[Address, ...] = ()
    unanswered: str | None = None
    by: Person | None = None
    note: str = ""
    unproven: bool = False
    dropped_by: str | None = None
    outcomes: tuple[CommandAnswer, ...] = ()
    receipt: Receipt | None = None
    untold: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """An internal note, by its number, of somebody who is not staff; an agent makes it a comment of theirs."""

    note: int
    sender: Address
    text: str


@dataclass(frozen=True, slots=True)
class Act:
    """The mail becomes a comment, changes the ticket, or both; an empty text makes no comment.

    `cc` are people who take part in the ticket from now on, `accepted` is an internal note that becomes a comment of
    its author. `proven` says that the sender showed a live token, so the address is theirs. `vouched` is the address of
    who opened the ticket where staff accept that it is theirs, which our own mail server denied. With `receipt` staff
    are told of more than their commands.
    """

    person: Person
    ticket: int
    text: str
    changes: Changes
    outcomes: tuple[CommandAnswer, ...]
    reason: str
    why: Why = field(default_factory=dict)
    cc: tuple[Address, ...] = ()
    accepted: Accepted | None = None
    proven: bool = False
    vouched: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class LinesOfTicket:
    """The lines of a mail about one of many tickets, by their places in it, with the answers; `act` writes there."""

    places: tuple[int, ...]
    outcomes: tuple[CommandAnswer, ...]
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class ActOnMany:
    """The mail changes several tickets, all in its one transaction, and its author gets one answer to all lines."""

    person: Person
    parts: tuple[LinesOfTicket, ...]
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeepNote:
    """The mail becomes a note that only staff see."""

    sender: Address
    ticket: int
    text: str
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """The mail has no effect; its staff sender is told why (`told`) and the advice at their stored address.

    `finding` is what the ledger keeps where it knows more than its sender is told.
    With `question` the sender is asked whether the mail is theirs, and `#confirm` carries it out; `whole` is the mail
    as the question quotes it. With `receipt` they are told `outcomes` on `ticket` instead, so that they can answer.
    """

    person: Person
    told: Said
    advice: Said
    why: Why = field(default_factory=dict)
    whole: WholeMail | None = None
    question: Question | None = None
    ticket: int | None = None
    outcomes: tuple[CommandAnswer, ...] = ()
    receipt: Receipt | None = None
    finding: str = ""

    @property
    def reason(self) -> str:
        """Why it is held, for the ledger."""
        return self.finding or in_english(self.told)

    @property
    def confirm(self) -> bool:
        """True where the sender is asked."""
        return self.question is not None


@dataclass(frozen=True, slots=True)
class Release:
    """The mail confirms held ones: `rows` are their ledger ids, and they are decided again as confirmed."""

    person: Person
    rows: tuple[int, ...]
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """An answer of staff has its effect a little later: colleagues answered after the mail that it answers.

    `comments` are the ids of their comments, of which its author is told.
    """

    person: Person
    ticket: int
    comments: tuple[str, ...]
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndWait:
    """The author of an answer that waits, which is ledger row `row`, wants it sent at once or not at all."""

    person: Person
    ticket: int
    row: int
    wish: Wish
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Personal:
    """A mail of nothing but commands that need no ticket, or an out-of-office answer of staff; no ticket changes."""

    person: Person
    absence: Away | None
    outcomes: tuple[CommandAnswer, ...]
    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Somebody's last mail is taken back: on one of these tickets, by number, or at all where there are none.

    `line` is the command as it was written. With `receipt` staff are told of more than that.
    """

    person: Person
    tickets: tuple[int, ...]
    line: str
    reason: str
    why: Why = field(default_factory=dict)
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class FileBounce:
    """The mail is a bounce: `outbox` is the id of the mail of ours that did not arrive, or not yet.

    `ticket` is the ticket of that mail, `text` the internal note about it; with `tells`, whoever works on the ticket
    gets a notice of the note. `suppress` is for how long nothing is sent to `address`, None where that goes on.
    """

    outbox: int
    address: str
    ticket: int | None
    text: str
    failure: Failure
    permanent: bool
    status: str | None
    suppress: timedelta | None
    reason: str
    tells: bool = True
    why: Why = field(default_factory=dict)


class Drop(StrEnum):
    """What a dropped mail was taken for: an automatic mail, a bounce of nothing of ours, a report, or by a rule's word.

    The ledger keeps it; the admins are told of such mails, and may restore one that a person wrote.
    """

    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    REPORT = "report"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class NotApplied:
    """The mail is recorded and has no effect, on purpose; with `drop` it was dropped for what it was taken for."""

    reason: str
    drop: Drop | None = None
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The mail waits for an admin, because its sender is unclear or too many came."""

    reason: str
    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refuse:
    """The mail is above the size limit and has no effect; its sender is told."""

    sender: Address
    mail: TooLarge
    reason: str
    why: Why = field(default_factory=dict)


OfTickets = OpenTicket | Act | ActOnMany | KeepNote | FileBounce | TakeBack
Decision = OfTickets | Hold | Wait | Release | EndWait | Personal | NotApplied | Quarantine | Refuse
