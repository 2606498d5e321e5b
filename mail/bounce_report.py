"""Delivery reports as their standard lays them out: the recipients that were not reached (RFC 3464)."""

import re
from collections.abc import Iterator, Mapping

from mail.addresses import addresses_in
from mail.bounce_recipient import BouncedRecipient, bounced, is_permanent, status_in
from mail.charset import decode
from mail.headers import unfold
from mail.parts import Part

MAX_REPORT = 262_144
MAX_RECIPIENTS = 100
MAX_FIELD = 4_000
MAX_BLOCKS = 500

REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
DELAYED = frozenset({"delayed", "delay", "deferred"})
FAILED = frozenset({"failed", "failure", "expired"})
REACHED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
ADDRESSES = ("original-recipient", "final-recipient")

_BLANK = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_TYPE = re.compile(r"\A\s*[\w-]{1,20}\s*;")


def is_report(part: Part) -> bool:
    """Whether the part is a delivery report."""
    return part.content_type in REPORTS


def failed_recipients(part: Part) -> tuple[BouncedRecipient, ...]:
    """Return the recipients that failed or are delayed, each once, at most 100; those who were reached are left out."""
    found: dict[str, BouncedRecipient] = {}
    for fields in _blocks(part):
        for recipient in _recipient(fields):
            found.setdefault(recipient.address, recipient)
        if len(found) >= MAX_RECIPIENTS:
            break
    return tuple(found.values())


def reached_all(part: Part) -> bool:
    """Whether the report names recipients and every one of them was reached."""
    actions = [action for action in map(_action, _blocks(part)) if action]
    return bool(actions) and all(action in REACHED for action in actions)


def _blocks(part: Part) -> Iterator[dict[str, str]]:
    """Give the fields of each block; blank lines divide them."""
    text = decode(part.content()[0][:MAX_REPORT]).text.replace("\r\n", "\n").replace("\r", "\n")
    return (_fields(block) for block in _BLANK.split(text)[:MAX_BLOCKS])


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for match in _FIELD.finditer(block):
        fields.setdefault(match[1].lower(), unfold(match[2]))
    return fields


def _recipient(fields: Mapping[str, str]) -> Iterator[BouncedRecipient]:
    """Give the recipient of one block, if it names one that was not reached."""
    address = _address(fields)
    action = _action(fields)
    named = fields.get("diagnostic-code", "")
    diagnostic = _TYPE.sub("", named[:MAX_FIELD], count=1).strip()
    status = status_in(fields.get("status", "")) or status_in(diagnostic)
    if not address or action in REACHED or not (action or status):
        return
    late = action in DELAYED or action == "expired"
    permanent = False if action in DELAYED else is_permanent(status, diagnostic)
    permanent = not late if permanent is None else permanent
    # A failure of a kind that passes is one all the same: the mail will not arrive (RFC 3464, 2.3.3).
    yield bounced(address, status, permanent, diagnostic, gave_up=permanent or action in FAILED)


def _action(fields: Mapping[str, str]) -> str:
    words = fields.get("action", "").lower().replace("(", " ").split()
    return words[0] if words else ""


def _address(fields: Mapping[str, str]) -> str | None:
    """Return whom we wrote to where the report says so, else whom the mail would have reached (RFC 3464, 2.3)."""
    named = (addresses_in(fields.get(name, "")[:MAX_FIELD].rpartition(";")[2]) for name in ADDRESSES)
    return next((addresses[0] for addresses in named if addresses), None)
