"""A mail of staff that waits for a word of its sender, and how staff are answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mail.outbound.catalogue import Said


class Question(StrEnum):
    """What a held mail shows, by which the question whether it is its sender's gets its turn.

    A live token of the sender, or else how well the mail is proven; `spent` is a claimed mail with a token of the
    sender's that others have seen.
    """

    TOKEN = "token"  # noqa: S105  a key, not a secret
    PROVEN = "proven"
    SPENT = "spent"
    CLAIMED = "claimed"
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True)
class WholeMail:
    """All that a confirmation would carry out: the text with its quotes, commands, files and recipients.

    `sent` is the time that the mail itself gives, in ISO 8601 and UTC, empty where it gives none; `files` are names
    with sizes in bytes. `text` is None where the mail is too long to be shown, and then nothing confirms it.
    """

    text: str | None
    sent: str
    recipients: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the list of a question, by its place: the event of its own question, None for the mail asked about.

    `row` is its ledger id. `shown` says that the question quotes it whole, and `by_all` that the word without a number
    confirms it too.
    """

    event: int | None
    row: int
    shown: bool
    by_all: bool


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail of staff that was held: its subject, why, and what its sender can do.

    Where they are asked whether it is theirs, `question` is set, and `whole` is all that the mail says; `listed`
    are all mails that wait for their word, with this one as the last, and their numbers are their places.
    """

    subject: str
    reason: Said
    advice: Said
    whole: WholeMail | None = None
    question: Question | None = None
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """An earlier mail in the list of a question, by its number there, as its own question quotes it.

    `waits` says that it still waits for a word of its sender.
    """

    number: int
    place: Listed
    held: HeldMail
    came_at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a mail of staff is answered where the answers to its commands are not all that its author has to hear.

    `public` says that what they answer goes to the customer. With `spent`, others have seen the signed address that the
    mail went to, which counts no longer, and `seen_by` are those to whom this mail itself has shown it.
    """

    public: bool
    spent: bool = False
    seen_by: tuple[str, ...] = ()
