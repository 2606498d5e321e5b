"""An incoming mail as values; `mail.inbound.parse.parse` makes them of raw bytes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from mail.bounce.failure import Bounce
from mail.bounce.signs import Sign
from mail.inbound.reaction import Reaction
from mail.mime.addresses import Address
from mail.mime.encodings import LongContent
from mail.mime.headers import Headers

NO_HEADERS = Headers(())
# A photo of a telephone or a screen is larger.
SMALLEST_PHOTO = 20 * 1024


class MailKind(StrEnum):
    """What a mail is; only a mail of kind PERSON was written by one to us.

    AUTOMATIC is a program's answer; GENERATED is its own news, such as an alarm, and opens a ticket unacknowledged.
    """

    PERSON = "person"
    AUTOMATIC = "automatic"
    GENERATED = "generated"
    BOUNCE = "bounce"
    LIST = "list"
    RECEIPT = "receipt"
    REPORT = "report"
    REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail: its safe name, declared type and decoded bytes; `of_signature` ones are listed nowhere."""

    filename: str
    content_type: str
    content: bytes | LongContent
    inline: bool = False
    content_id: str | None = None
    of_signature: bool = False

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the content (32 bytes)."""
        return self.content.sha256 if isinstance(self.content, LongContent) else sha256(self.content).digest()

    @property
    def may_be_signature(self) -> bool:
        """True for a small picture that a text shows."""
        is_picture = self.inline and self.content_id is not None and self.content_type.startswith("image/")
        return is_picture and len(self.content) < SMALLEST_PHOTO

    @property
    def beginning(self) -> bytes:
        """The first bytes of the content: all of a short one, some 64 KB or more of a long one."""
        return next(self.content.pieces(), b"") if isinstance(self.content, LongContent) else self.content


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A parsed mail; texts hold no NUL and no lone surrogate, Message-IDs no angle brackets.

    `senders` are all mailboxes of all From headers. `confidence` (0 to 1) says how sure the cut of the reply is.
    `delivered_to` are the addresses of Delivered-To, X-Original-To and Envelope-To, topmost first. `automatic`
    is a sentence that says why the kind is not PERSON, else None; `headers` are all fields as they arrived. `unseen`
    are lines of the reply that begin like commands, and that a reader of its HTML may not see. `reaction` is there
    where the kind is REACTION. `signs` are those that a program wrote it, with their weights. `html` is the HTML form
    of the text as it was written, empty where it has none.
    """

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    senders: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    date: datetime | None
    text: str
    reply: str
    removed: str
    confidence: float
    attachments: tuple[Attachment, ...]
    automatic: str | None
    repairs: tuple[str, ...]
    signature: str = ""
    kind: MailKind = MailKind.PERSON
    bounce: Bounce | None = None
    headers: Headers = NO_HEADERS
    unseen: frozenset[str] = frozenset()
    signs: tuple[Sign, ...] = ()
    reaction: Reaction | None = None
    html: str = ""

    @property
    def refers(self) -> tuple[str, ...]:
        """The ids of In-Reply-To and References, nearest first, each once (RFC 5322, section 3.6.4)."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of the delivery headers, To and Cc, each once."""
        named = (address.email for address in (*self.to, *self.cc))
        return tuple(dict.fromkeys((*self.delivered_to, *named)))


@dataclass(frozen=True, slots=True)
class MoreWords:
    """What is kept of a mail beside the stored text: its author's words below it, and clean HTML of both together."""

    sign_off: str = ""
    html: str = ""


NO_MORE_WORDS = MoreWords()
