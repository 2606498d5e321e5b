"""Signed addresses, Message-IDs and references, each given to one person about one ticket: made, read and checked.

An address is `support+<id>.<mac>@domain`: `id` names the outbox row in base 36, `mac` is a key letter and 95 bits of
HMAC-SHA256 in lowercase base32, which survives every mail system that folds case. The MAC covers all of the grant.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAC_LENGTH = 19
# The largest id that a row can have; a greater one in a mail is not ours.
MOST_ID = 2**63 - 1
# The form of a reference in the text of our mails.
REFERENCE = re.compile(r"\[ref ([0-9a-z]{1,13}\.[0-9a-z]{20})\]", re.IGNORECASE | re.ASCII)
MOST_REFERENCES = 20
# The header that marks a mail which the desk sends to itself, and for how many seconds after that it is known by it.
MARK_HEADER = "X-SupportDesk-Round-Trip"
MARK_LIVES = 24 * 3600
ROTATE = (
    "To change keys, give every process the new one as desk.secret_key and the old one in desk.previous_secret_keys,"
    " say `supportdesk db keys accept`, and start all of them again. If the keys were not to be changed, give this"
    " process those of the others."
)


class Purpose(StrEnum):
    """The place of a signature; one that is made for one place is not valid in another."""

    ADDRESS = "address"
    MESSAGE_ID = "message-id"
    ENVELOPE = "envelope"
    REFERENCE = "reference"


class ReplyKind(StrEnum):
    """What an answer becomes."""

    PUBLIC = "public"
    NOTE = "note"
    CONFIRM = "confirm"
    WAITING = "waiting"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Grant:
    """The right that a mail of ours gave its recipient: to answer as this person, on this ticket, until `expires_at`.

    `id` is that of the outbox row. `expires_at` is in seconds since 1970 UTC; `ticket` is None for mails about no
    ticket. `spent` says that others have seen its signatures; no signature covers that. `listed` are the tickets of a
    list in the mail, by number: each has an address of its own, which the same right covers with that ticket in place.
    """

    id: int
    kind: ReplyKind
    mailbox: str
    ticket: int | None
    person: int | None
    address: str
    role: str
    expires_at: int
    spent: bool = False
    listed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature found in a mail, not yet checked against its grant."""

    purpose: Purpose
    id: int
    mac: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret keys: the first signs and all verify, so that old signatures stay valid after a change of keys."""

    secrets: tuple[bytes, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """What names the keys without telling them, in their order."""
        return tuple(fingerprint(secret) for secret in self.secrets)

    def mark(self, text: str) -> str:
        """A mark by which the same text is known again; without the key nothing can be learned or guessed from it."""
        return hmac.new(self.secrets[0], b"mark" + text.encode(), hashlib.sha256).hexdigest()[:32]


@cache
def fingerprint(secret: bytes) -> str:
    """A key's name, which may be shown and stored: 64 bits of a digest, of which the key cannot be made."""
    return hashlib.sha256(b"fingerprint" + secret).hexdigest()[:16]


def key_trouble(keys: Keys, in_use: Collection[str]) -> str:
    """Why a process with these keys must not work beside those whose keys are in use; empty where it may.

    Without a key in use it would not know answers to mails that others signed, and would tear their threads. What it
    signs with a key that is not in use, others would not know. Where none is in use yet, any key may be the first.
    """
    ours = keys.fingerprints
    if in_use and ours[0] not in in_use:
        return f"desk.secret_key has the fingerprint {ours[0]}, which is not among the keys in use. {ROTATE}"
    missing = sorted(set(in_use) - set(ours))
    if missing:
        return f"The key with the fingerprint {missing[0]} is in use, and is not in the settings here. {ROTATE}"
    return ""


@cache
def _key_letter(secret: bytes) -> str:
    return b32encode(hashlib.sha256(b"key id" + secret).digest())[:1].decode().lower()


def _mac(secret: bytes, purpose: Purpose, grant: Grant) -> str:
    covered = (purpose, grant.id, grant.kind, grant.mailbox, grant.ticket, grant.person, grant.address, grant.role,
               grant.expires_at)  # fmt: skip
    # Lengths stand before the fields, so that no two grants are covered by the same bytes.
    return _signature(secret, "".join([f"{len(field.encode())}:{field}" for field in map(str, covered)]))


def _signature(secret: bytes, message: str) -> str:
    letter = _key_letter(secret)
    digest = hmac.digest(secret, f"{letter}{message}".encode(), "sha256")
    # Each letter holds 5 bits, so the first 15 bytes are more than is needed.
    return letter + b32encode(digest[:15])[:MAC_LENGTH].decode().lower()


def to_base36(number: int) -> str:
    """A row's id in base 36 with lower-case letters, at most 13 characters for 63 bits."""
    digits = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits or "0"


def reply_address(keys: Keys, grant: Grant, mailbox_address: str) -> str:
    """The signed address that an answer goes to (RFC 5233 subaddressing with a plus sign)."""
    return _signed_address(keys, Purpose.ADDRESS, grant, mailbox_address)


def envelope_address(keys: Keys, grant: Grant, mailbox_address: str) -> str:
    """The signed envelope sender, to which bounces go (RFC 5321, 4.4); answering there proves nothing."""
    return _signed_address(keys, Purpose.ENVELOPE, grant, mailbox_address)


def _signed_address(keys: Keys, purpose: Purpose, grant: Grant, mailbox_address: str) -> str:
    local, _, domain = mailbox_address.rpartition("@")
    return f"{local}+{to_base36(grant.id)}.{_mac(keys.secrets[0], purpose, grant)}@{domain}"


def message_id(keys: Keys, grant: Grant, domain: str) -> str:
    """The signed Message-ID, without angle brackets (RFC 5322, 3.6.4)."""
    return f"{to_base36(grant.id)}.{_mac(keys.secrets[0], Purpose.MESSAGE_ID, grant)}.sd@{domain}"


def reference(keys: Keys, grant: Grant) -> str:
    """The signed reference in the text of a mail, for programs that answer without our headers."""
    return f"{to_base36(grant.id)}.{_mac(keys.secrets[0], Purpose.REFERENCE, grant)}"


def read_references(text: str) -> tuple[Claim, ...]:
    """The claims of the first MOST_REFERENCES signed references in a text."""
    claims = (_claim(Purpose.REFERENCE, dotted) for dotted in REFERENCE.findall(text)[:MOST_REFERENCES])
    return tuple(claim for claim in claims if claim)


def _claim(purpose: Purpose, dotted: str) -> Claim | None:
    # Letters outside ASCII are never folded into ASCII ones.
    digits, dot, mac = dotted.lower().partition(".") if dotted.isascii() else ("", "", "")
    readable = dot and 0 < len(digits) <= 13 and set(digits) <= set(DIGITS)
    if not readable or len(mac) != MAC_LENGTH + 1:
        return None
    number = int(digits, len(DIGITS))
    return Claim(purpose, number, mac) if number <= MOST_ID else None


def read_address(address: str, mailbox_addresses: frozenset[str], purpose: Purpose = Purpose.ADDRESS) -> Claim | None:
    """The claim in a recipient's address; None where it is no address of that form at one of our mailboxes."""
    local, _, domain = address.rpartition("@")
    # The last plus sign is ours; the mailbox's own address may hold others.
    plain, plus, dotted = local.rpartition("+")
    if not plus or f"{plain}@{domain}" not in mailbox_addresses:
        return None
    return _claim(purpose, dotted)


def is_ours(address: str, mailbox_addresses: frozenset[str]) -> bool:
    """True for an address of one of our mailboxes, also with anything after a plus sign (RFC 5233)."""
    local, at, domain = address.rpartition("@")
    pluses = [place for place, letter in enumerate(local) if letter == "+"]
    return any(f"{local[:end]}{at}{domain}" in mailbox_addresses for end in (*pluses, len(local)))


def read_message_id(identifier: str) -> Claim | None:
    """The claim in a Message-ID; None where it is not of our form."""
    local, _, _ = identifier.rpartition("@")
    dotted, mark, rest = local.rpartition(".sd")
    return _claim(Purpose.MESSAGE_ID, dotted) if mark and not rest else None


def note_address(keys: Keys, grant: Grant, mailbox_address: str) -> str:
    """The signed address beside that of a public answer, at which what its owner writes is a note."""
    return reply_address(keys, replace(grant, kind=ReplyKind.NOTE), mailbox_address)


def asks_for_note(keys: Keys, claim: Claim, grant: Grant) -> bool:
    """True for the claim of the note address of a mail that is answered in public."""
    if claim.purpose is not Purpose.ADDRESS or grant.kind is not ReplyKind.PUBLIC:
        return False
    return _signs(keys, claim, replace(grant, kind=ReplyKind.NOTE))


def row_address(keys: Keys, grant: Grant, ticket: int, mailbox_address: str) -> str:
    """The signed address of one ticket in a mail that lists several: what its owner writes there is on that ticket."""
    return reply_address(keys, _of_row(grant, ticket), mailbox_address)


def right_of_row(keys: Keys, claim: Claim, grant: Grant) -> Grant | None:
    """The right to answer on that ticket of a list whose address the claim is; None where it is no such address."""
    if claim.purpose is not Purpose.ADDRESS:
        return None
    rows = (_of_row(grant, number) for number in grant.listed)
    return next((row for row in rows if _signs(keys, claim, row)), None)


def _of_row(grant: Grant, ticket: int) -> Grant:
    # As an answer to a mail about that ticket is: in public.
    return replace(grant, ticket=ticket, kind=ReplyKind.PUBLIC)


def proves(keys: Keys, claim: Claim, grant: Grant) -> bool:
    """True where the claim was signed by us for exactly this grant, for a note in its place, or for a row of a list."""
    if _signs(keys, claim, grant) or asks_for_note(keys, claim, grant):
        return True
    return right_of_row(keys, claim, grant) is not None


@dataclass(frozen=True, slots=True)
class RowClaims:
    """The signatures in the addresses that a mail was sent to; by one it may name a ticket of a list of ours."""

    keys: Keys
    claims: tuple[Claim, ...]

    def ticket_of(self, grant: Grant) -> int | None:
        """The number of that ticket; None where no address is one of a row of this mail of ours."""
        of_it = (claim for claim in self.claims if claim.id == grant.id)
        rows = (right_of_row(self.keys, claim, grant) for claim in of_it if grant.listed)
        return next((row.ticket for row in rows if row), None)


def _signs(keys: Keys, claim: Claim, grant: Grant) -> bool:
    return any(hmac.compare_digest(_mac(secret, claim.purpose, grant), claim.mac) for secret in keys.secrets)


def own_mark(keys: Keys, at: int, nonce: str) -> str:
    """The mark of a mail that the desk sends to itself `at` so many seconds since 1970 UTC; a `nonce` holds no dot."""
    return f"{to_base36(at)}.{nonce}.{_signature(keys.secrets[0], _marked(to_base36(at), nonce))}"


def is_own_mark(keys: Keys, mark: str, now: int) -> bool:
    """True for a mark that one of our keys made within MARK_LIVES before `now`; nobody else can make one."""
    at, _, rest = mark.partition(".")
    nonce, _, signature = rest.partition(".")
    if not mark.isascii() or not 0 < len(at) <= 13 or not set(at) <= set(DIGITS):
        return False
    if not 0 <= now - int(at, len(DIGITS)) <= MARK_LIVES:
        return False
    return any(hmac.compare_digest(_signature(secret, _marked(at, nonce)), signature) for secret in keys.secrets)


def _marked(at: str, nonce: str) -> str:
    # No grant is covered by these bytes, for those begin with a digit.
    return f"round trip {at} {nonce}"
