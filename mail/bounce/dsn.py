"""Parts of a delivery status notification become failed recipients and the ids of the returned mail (RFC 3464)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mail.bounce.failure import BouncedRecipient, bounced_recipient, is_permanent, status_in
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
# The last one is not registered, but some servers write it.
RETURNED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}
)
BY_SERVER = frozenset({"received", "message-id", "return-path", "mime-version", "dkim-signature"})
DELAYED = frozenset({"delayed", "delay", "deferred"})
FAILED = frozenset({"failed", "failure", "expired"})
REACHED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
# The address that we wrote to where the report has it, else the one after forwarding (RFC 3464, section 2.3).
ADDRESS_FIELDS = ("original-recipient", "final-recipient")

_BLANK = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_TYPE = re.compile(r"\A\s*[\w-]{1,20}\s*;")


@dataclass(frozen=True, slots=True)
class Original:
    """Message-ID and To of the returned mail; `found` is True where a part or the notice's text holds that mail.

    `senders` are the addresses of its From and Return-Path; `by_server` is True where it has fields that only servers
    and programs show, which a quote has not.
    """

    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    found: bool = False
    senders: tuple[str, ...] = ()
    by_server: bool = False


def read_original(parts: Sequence[Part]) -> Original:
    """Return the first returned mail among the parts; an empty `Original` where no part holds one."""
    returned = next((part for part in parts if part.content_type in RETURNED), None)
    return _original(_headers(returned.content()[0])) if returned else Original()


def read_original_in_text(text: str) -> Original:
    """Return the mail whose headers stand at the beginning of a text; `found` is False without a header."""
    headers = _headers(text.encode("utf-8", "surrogateescape"))
    return replace(_original(headers), found=bool(headers.fields))


def _headers(text: bytes) -> Headers:
    return read_headers(text[:MAX_HEAD].lstrip())[0]


def _original(headers: Headers) -> Original:
    to = read_addresses(headers.texts("to", ADDRESSES_BYTES))
    senders = read_addresses((*headers.texts("from", ADDRESSES_BYTES), *headers.texts("return-path")))
    return Original(
        message_id(headers),
        tuple(address.email for address in to),
        found=True,
        senders=tuple(address.email for address in senders),
        by_server=not BY_SERVER.isdisjoint(headers.names),
    )


def is_report(part: Part) -> bool:
    """Whether the type of the part is that of a delivery report (RFC 3464, RFC 6533)."""
    return part.content_type in REPORTS


def failed_recipients(part: Part) -> tuple[BouncedRecipient, ...]:
    """Return the recipients that failed or are delayed, each once, at most 100."""
    recipients: dict[str, BouncedRecipient] = {}
    for fields in _blocks(part):
        recipient = _failed_recipient(fields)
        if recipient:
            recipients.setdefault(recipient.address, recipient)
        if len(recipients) >= MAX_RECIPIENTS:
            break
    return tuple(recipients.values())


def reached_all(part: Part) -> bool:
    """Whether the report names recipients and every one of them was reached."""
    actions = [action for action in map(_action, _blocks(part)) if action]
    return bool(actions) and all(action in REACHED for action in actions)


def _blocks(part: Part) -> Iterator[dict[str, str]]:
    """Yield the fields of each block between blank lines, by their names in lower case (RFC 3464, section 2.1)."""
    text = with_lf(decode(part.content()[0][:MAX_REPORT]).text)
    for block in _BLANK.split(text)[:MAX_BLOCKS]:
        fields: dict[str, str] = {}
        for match in _FIELD.finditer(block):
            fields.setdefault(match[1].lower(), unfold(match[2]))
        yield fields


def _failed_recipient(fields: Mapping[str, str]) -> BouncedRecipient | None:
    """Return the recipient of one block if it failed or is delayed, else None."""
    values = (fields.get(name, "")[:MAX_FIELD].rpartition(";")[2] for name in ADDRESS_FIELDS)
    address = next((addresses[0] for addresses in map(addresses_in, values) if addresses), None)
    action = _action(fields)
    diagnostic = _TYPE.sub("", fields.get("diagnostic-code", "")[:MAX_FIELD], count=1).strip()
    status = status_in(fields.get("status", "")) or status_in(diagnostic)
    if not address or action in REACHED or not (action or status):
        return None
    permanent = False if action in DELAYED else is_permanent(status, diagnostic)
    permanent = action != "expired" if permanent is None else permanent
    # After `failed` the mail will not arrive, whatever its status is (RFC 3464, section 2.3.3).
    return bounced_recipient(address, status, permanent, diagnostic, gave_up=permanent or action in FAILED)


def _action(fields: Mapping[str, str]) -> str:
    words = fields.get("action", "").lower().replace("(", " ").split()
    return words[0] if words else ""
