"""The parts of a delivery status notification: a report on each recipient, and the returned mail (RFC 3464)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mail.bounce.failure import BouncedRecipient, bounced, is_permanent, status_in
from mail.mime.addresses import addresses_in, read_addresses
from mail.mime.charset import decode
from mail.mime.headers import ADDRESSES_BYTES, Headers, read_headers, unfold
from mail.mime.message_ids import message_id
from mail.mime.parts import Part
from mail.mime.text import with_lf

MAX_REPORT = 262_144
MAX_RECIPIENTS = 100
MAX_FIELD = 4_000
MAX_BLOCKS = 500
MAX_HEAD = 262_144

REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
# The last of them is no registered type, but some servers write it.
RETURNED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}
)
DELAYED = frozenset({"delayed", "delay", "deferred"})
FAILED = frozenset({"failed", "failure", "expired"})
REACHED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
# Whom we wrote to, where the report says so, else whom the mail would have reached (RFC 3464, section 2.3).
ADDRESS_FIELDS = ("original-recipient", "final-recipient")

_BLANK = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_TYPE = re.compile(r"\A\s*[\w-]{1,20}\s*;")


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the returned mail; `found` where a part, or the text of the notice, holds it."""

    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    found: bool = False


def read_original(parts: Sequence[Part]) -> Original:
    """Return the first returned mail among the parts; nothing is known of it where no part holds one."""
    returned = next((part for part in parts if part.content_type in RETURNED), None)
    return _original(_headers(returned.content()[0])) if returned else Original()


def read_head(text: str) -> Original:
    """Return what the header fields at the beginning of a text say of the mail that they belong to."""
    headers = _headers(text.encode("utf-8", "surrogateescape"))
    return replace(_original(headers), found=bool(headers.fields))


def _headers(text: bytes) -> Headers:
    return read_headers(text[:MAX_HEAD].lstrip())[0]


def _original(headers: Headers) -> Original:
    to = read_addresses(headers.texts("to", ADDRESSES_BYTES))
    return Original(message_id(headers), tuple(address.email for address in to), found=True)


def is_report(part: Part) -> bool:
    """Whether the part is a delivery report."""
    return part.content_type in REPORTS


def failed_recipients(part: Part) -> tuple[BouncedRecipient, ...]:
    """Return the recipients that failed or are delayed, each once, at most 100; those who were reached are left out."""
    found: dict[str, BouncedRecipient] = {}
    for fields in _blocks(part):
        recipient = _failed_recipient(fields)
        if recipient:
            found.setdefault(recipient.address, recipient)
        if len(found) >= MAX_RECIPIENTS:
            break
    return tuple(found.values())


def reached_all(part: Part) -> bool:
    """Whether the report names recipients and every one of them was reached."""
    actions = [action for action in map(_action, _blocks(part)) if action]
    return bool(actions) and all(action in REACHED for action in actions)


def _blocks(part: Part) -> Iterator[dict[str, str]]:
    """Give the fields of each block by their names in lower case; blank lines divide the blocks."""
    text = with_lf(decode(part.content()[0][:MAX_REPORT]).text)
    for block in _BLANK.split(text)[:MAX_BLOCKS]:
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(block):
            fields.setdefault(match[1].lower(), unfold(match[2]))
        yield fields


def _failed_recipient(fields: Mapping[str, str]) -> BouncedRecipient | None:
    """Return the recipient of one block, if it names one that was not reached."""
    named = (addresses_in(fields.get(name, "")[:MAX_FIELD].rpartition(";")[2]) for name in ADDRESS_FIELDS)
    address = next((addresses[0] for addresses in named if addresses), None)
    action = _action(fields)
    diagnostic = _TYPE.sub("", fields.get("diagnostic-code", "")[:MAX_FIELD], count=1).strip()
    status = status_in(fields.get("status", "")) or status_in(diagnostic)
    if not address or action in REACHED or not (action or status):
        return None
    late = action in DELAYED or action == "expired"
    permanent = False if action in DELAYED else is_permanent(status, diagnostic)
    permanent = not late if permanent is None else permanent
    # A failure of a kind that passes is one all the same: the mail will not arrive (RFC 3464, section 2.3.3).
    return bounced(address, status, permanent, diagnostic, gave_up=permanent or action in FAILED)


def _action(fields: Mapping[str, str]) -> str:
    words = fields.get("action", "").lower().replace("(", " ").split()
    return words[0] if words else ""
