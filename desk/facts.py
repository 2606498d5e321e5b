"""What is known when a mail is decided: everything the rules may look at, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.routing import Candidate
from desk.rules import Assign, RuleBook
from desk.ticket import Person, Ticket
from desk.tokens import Grant, Keys


class StaffTrust(StrEnum):
    """What staff's mail must show before it has power (SECURITY, section Power)."""

    BOTH = "both"
    TOKEN = "token"  # noqa: S105  a word of the settings, not a secret


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices, fixed for the life of the process; `largest_mail` is in bytes."""

    keys: Keys
    own_addresses: frozenset[str]
    staff_trust: StaffTrust
    rules: RuleBook
    default_assign: Assign
    largest_mail: int = 40 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """A ticket that the mail might belong to, with the people who take part in it."""

    ticket: Ticket
    participants: frozenset[int]


@dataclass(frozen=True, slots=True)
class Oversize:
    """What is known of a mail of which only the headers were taken: its size in bytes.

    `told` says that its sender was told so of another mail within a day.
    """

    size: int
    told: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows about one mail.

    `twin` is the ledger id of the same mail where it was taken in before. `grants` are the outbox rows that the
    mail's signatures name, `known` the tickets that its Message-IDs belong to, `tickets` all tickets among them.
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
