"""What is known when a mail is decided, as values: the operator's choices, and what the database says of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from desk.commands.arguments.macros import Macros
from desk.commands.reading.ask import Listed
from desk.limits import USUAL, Limits
from desk.routing.route import Candidate
from desk.routing.rules import Assign, RuleBook
from desk.ticket import Person, Status, Ticket
from desk.tokens import Grant, Keys, RowClaims
from mail.auth.results import Pin
from mail.bounce.failure import Failure
from mail.mime.addresses import Address
from mail.quoting.comparison import SentText


class StaffTrust(StrEnum):
    """What staff's mail must show before it has power (docs/security.md#what-a-mail-may-do)."""

    BOTH = "both"
    TOKEN = "token"  # noqa: S105  a word of the settings, not a secret


class Deliver(StrEnum):
    """Who gets mails of the desk: all, or in a trial staff alone."""

    ALL = "all"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices, fixed for the life of the process; `largest_mail` is in bytes.

    Three are by the name of the mailbox: `pins`, the server whose Authentication-Results (RFC 8601) are believed
    there, `web_forms`, the addresses whose mail is taken as written by the address in its Reply-To, and `groups`, those
    of groups that write themselves into From. `own_addresses` are all that deliver to the desk, `shared_domains`
    those where anybody can have an address, besides the public providers that are known. `macros` are the texts that
    staff send by their names, and the only choice that is read again. `timezone` is the desk's, by its IANA name, empty
    where the settings name none but UTC.
    """

    keys: Keys
    own_addresses: frozenset[str]
    staff_trust: StaffTrust
    rules: RuleBook
    default_assign: Assign
    largest_mail: int = 40 * 1024 * 1024
    pins: Mapping[str, Pin] = field(default_factory=dict)
    web_forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shared_domains: frozenset[str] = frozenset()
    deliver: Deliver = Deliver.ALL
    limits: Limits = USUAL
    macros: Macros = field(default_factory=dict)
    timezone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The keys by which the database is asked about one mail.

    `author` is the mailbox of From where it is the only one, `domain` its domain, empty where tickets are not counted
    by that, `sender` the first address of From, empty where there is none. `refers` are the Message-IDs that the mail
    names besides its own, nearest first, `outbox` the ids of the mails of ours that its signatures name, `tickets` the
    numbers in its subject. The tickets of `merges`, which its commands name, are read only where staff wrote it; those
    of `many`, which lines about many tickets name, only where staff also answer a mail of ours or confirmed it. The
    texts of the tickets are searched for the lines of `reply`. `bounced` says that the mail is a bounce of one of ours,
    `date` is that in its header. By `rows` a ticket is known to whose address in a list of ours the mail was sent.
    """

    author: Address | None
    domain: str
    sender: str
    message_id: str | None
    refers: tuple[str, ...]
    outbox: tuple[int, ...]
    tickets: tuple[int, ...]
    merges: tuple[int, ...]
    reply: str
    bounced: bool
    date: datetime | None = None
    rows: RowClaims | None = None
    many: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """A ticket that the mail might belong to, with the numbers of the people who take part in it.

    `addresses` are those of these people, by number; whoever is missing there has no address that is known. `notes` are
    the texts of staff's internal notes, filled only for a mail of staff; `commands` are the lines that read like
    commands in what the sender wrote to the ticket before. `guests` are the addresses of those who were added in Cc and
    have no person yet.
    """

    ticket: Ticket
    participants: frozenset[int]
    notes: tuple[str, ...] = ()
    commands: frozenset[str] = frozenset()
    addresses: Mapping[int, str] = field(default_factory=dict)
    guests: frozenset[str] = frozenset()

    def joined_by(self, person: Person) -> "KnownTicket":
        """The same ticket, in which its guest takes part as this person."""
        addresses = {**self.addresses, person.number: person.email}
        parts, guests = self.participants | {person.number}, self.guests - {person.email}
        return replace(self, participants=parts, addresses=addresses, guests=guests)

    @property
    def is_closed(self) -> bool:
        """True for the status closed, which merged tickets have too."""
        return self.ticket.status is Status.CLOSED


@dataclass(frozen=True, slots=True)
class Oversize:
    """A mail of which only the headers were fetched; `size` is in bytes.

    `told` holds the proof classes of other mails of its sender, of which they were told the same within a day.
    """

    size: int
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListedMail:
    """A mail in the list of a question of ours, at its place there: its ledger id, and whether it still waits.

    `shown` says that the question quotes it whole, `by_all` that the word without a number confirms it too.
    """

    row: int
    waits: bool
    shown: bool
    by_all: bool


@dataclass(frozen=True, slots=True)
class LaterWords:
    """What came on a ticket after a mail of ours, by the number of that ticket and of its author, who is staff.

    `comment` is the id of their public comment; None where the owner of our mail was asked about such comments, and
    what that question was about is decided.
    """

    comment: str | None
    ticket: int
    author: int


@dataclass(frozen=True, slots=True)
class AnsweredNotice:
    """A mail of ours that was answered: `cause` is the ledger id of the mail that caused it, None where none did.

    `waits` says that the causing mail is held and may still be confirmed; `listed` are all mails in our question, by
    number, that one as the last. `note` is the number of the internal note that our mail was about, with its text and,
    where that is not staff, its author; None where it was about none, or about one that was accepted. `subject` is
    that of our mail. `pending` says that the causing mail waits because a colleague answered, `applied` that it has had
    its effect. `later` is what staff wrote since, the latest last; it is read only for an answer of staff. `reading` is
    what our mail listed or showed where a command asked for that.
    """

    cause: int | None
    written_at: datetime
    waits: bool = False
    note: int | None = None
    note_text: str = ""
    note_sender: Address | None = None
    subject: str = ""
    listed: tuple[ListedMail, ...] = ()
    pending: bool = False
    applied: bool = False
    later: tuple[LaterWords, ...] = ()
    reading: Listed | None = None


@dataclass(frozen=True, slots=True)
class Flood:
    """What mails of one proof class brought: tickets within an hour by address and by domain, bytes within a day.

    The domain of a public provider is not counted. `on_tickets` are the comments and notes of the address within an
    hour, by ticket number; `in_all` is how many mails of the class had an effect within an hour, whoever wrote them,
    and is counted of refuted ones alone.
    """

    of_address: int
    of_domain: int
    size: int
    on_tickets: Mapping[int, int] = field(default_factory=dict)
    in_all: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """An earlier bounce of a mail of ours, given by its outbox id: the recipient, the failure, and when it came."""

    outbox: int
    address: str
    failure: Failure
    permanent: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class LesserTwin:
    """The same mail, taken in before without having its whole effect, by its ledger id.

    `proof` is a value of `desk.trust.judge.Proof`; `held` says that it waits for want of proof, and `shorter` that it
    lacks words which the sender of the mail wrote.
    """

    row: int
    proof: str
    held: bool
    shorter: bool = False


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A mail that was taken in before with the same Message-ID and other bytes, which are `raw`."""

    twin: LesserTwin
    raw: bytes


# What the name of a mail's folder begins with that came from files: what follows is the file's name.
IMPORT_FOLDER: Final = "import:"


@dataclass(frozen=True, slots=True)
class Imported:
    """A mail was brought along from files: `at` is its own time, in UTC.

    `vouched` says that the operator takes what is in the name of staff or of the desk for theirs, `stays_open` that the
    ticket that it opens stays open (docs/decisions/0036-old-mail-is-brought-along-quietly.md).
    """

    at: datetime
    vouched: bool = False
    stays_open: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows about one mail; `now` is in UTC.

    `twin` is the ledger id of the same mail where it was taken in before; `lesser_twins` are copies that were refused,
    refuted or not answered, so that one that proves more is decided again. `lookalikes` may be such copies, of which a
    list or gateway changed the edges. `grants` are those of the outbox rows that the mail's signatures name, `answered`
    the mails of these rows, both by outbox id. `known` are the numbers of the tickets that each Message-ID in the mail
    belongs to, since a mail of theirs has it; `named` those of which a mail only referred to it, also to the mail's
    own. `tickets` are all tickets by their numbers. `merged` gives for each merged ticket the one where its merges end,
    and `tickets` holds that one instead. `confirmed` says that the mail was held and then confirmed by its staff
    sender, `restored` that an admin took it for a person's, `waited` that it was an answer of staff with full power,
    and waited because a colleague answered. `bounces` are recent ones of the mails that a bounce names and of other
    mails to the same addresses. `by_form` says that a web form wrote the mail for its sender. `floods` is by proof
    class, a value of `desk/trust/judge.py::Proof`. `sent` are the texts of the mails of `grants` that went to the
    sender's address, by outbox id, each with the newest others on its ticket to that address. `guest_of` are the
    numbers of the tickets to which the sender's address was added in Cc, and in which they do not take part as a person
    yet. `archived` are the named tickets in the archive, by number; `put_away` are those of lines about many tickets,
    which do not come back for such a line. `imported` is there for a mail that was brought along from files.
    """

    now: datetime
    mailbox: str
    twin: int | None
    sender: Person | None
    grants: Mapping[int, Grant]
    known: Mapping[str, tuple[int, ...]]
    tickets: Mapping[int, KnownTicket]
    candidates: tuple[Candidate, ...]
    served_before: int | None
    oversize: Oversize | None = None
    answered: Mapping[int, AnsweredNotice] = field(default_factory=dict)
    confirmed: bool = False
    floods: Mapping[str, Flood] = field(default_factory=dict)
    bounces: tuple[Reported, ...] = ()
    merged: Mapping[int, int] = field(default_factory=dict)
    by_form: bool = False
    named: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    lesser_twins: tuple[LesserTwin, ...] = ()
    sent: Mapping[int, tuple[SentText, ...]] = field(default_factory=dict)
    guest_of: frozenset[int] = frozenset()
    restored: bool = False
    lookalikes: tuple[Lookalike, ...] = ()
    waited: bool = False
    archived: tuple[int, ...] = ()
    put_away: frozenset[int] = frozenset()
    imported: Imported | None = None

    def end_of(self, number: int) -> int:
        """The ticket where the merges of this one end; itself where it was never merged."""
        return self.merged.get(number, number)
