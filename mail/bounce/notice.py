"""Notices of servers that write no delivery report: whom they name, found by their wording."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mail.bounce.dsn import Original, read_head
from mail.bounce.failure import BouncedRecipient, bounced, is_permanent, status_in
from mail.bounce.phrases import (
    ASIDES,
    CERTAIN,
    DAEMONS,
    DELAYS,
    ENDS,
    EXPIRED,
    FAILURES,
    LEADS,
    PASSED_ON,
    SUBJECTS,
    says,
)
from mail.html.text import MAX_HTML, read_html
from mail.mime.addresses import ADDRESS, addresses_in, read_addresses
from mail.mime.charset import decode
from mail.mime.headers import Headers
from mail.mime.parts import Part
from mail.mime.text import lowered, with_lf

MAX_TEXT = 65_536
MAX_LINES = 400
MAX_LINE = 1_000
MAX_RECIPIENTS = 100
DIAGNOSTIC_LINES = 12

_OPENS = re.compile(
    rf"\s{{0,40}}(?:[-*>|\u2022]\s{{0,9}})?(?:\d{{3}}\s{{1,9}})?(?:{LEADS})?\s{{0,9}}[<\"'(\[]?(?:mailto:|smtp:)?({ADDRESS})",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"(?:return-path|received|message-id|from|to|subject|date|x-[\w-]+|dkim-signature)\s*:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class BounceNotice:
    """What the wording of a bounce says; `recipients` is empty where it names none that is sure.

    `gave_up` says that the server tries no more.
    """

    recipients: tuple[BouncedRecipient, ...]
    permanent: bool
    status: str | None
    diagnostic: str
    message_id: str | None
    gave_up: bool


def read_notice(parts: Sequence[Part], *, has_original: bool) -> BounceNotice | None:
    """Return the notice that the mail is, or None for the mail of a person; `parts` begin with the root."""
    headers = parts[0].headers
    if not looks_returned(headers):
        return None
    subject = lowered(headers.words("subject"))
    text, rest = _divided(_text(parts))
    returned = read_head(rest) if rest else Original()
    words = lowered(text)
    if not _is_notice(headers, words, has_original=has_original or returned.found):
        return None
    transient = says(DELAYS, f"{subject}\n{words}")
    permanent = None if transient else is_permanent(words, subject)
    if permanent is None:
        permanent = not (transient or says(EXPIRED, words))
    recipients = tuple(_failed_recipients(headers, text, permanent=permanent, transient=transient))
    if not recipients and len(returned.recipients) == 1:
        recipients = (bounced(returned.recipients[0], status_in(text), permanent, text, gave_up=not transient),)
    return BounceNotice(recipients, permanent, status_in(text), text, returned.message_id, not transient)


def looks_returned(headers: Headers) -> bool:
    """Whether a mail server seems to have sent the mail: by its sender, its subject or its null reverse-path.

    What a person answers or passes on is that person's mail.
    """
    subject = lowered(headers.words("subject"))
    if headers.raw("x-failed-recipients"):
        return True
    if PASSED_ON.match(subject):
        return False
    return _is_daemon(headers) or _is_unanswerable(headers) or SUBJECTS.match(subject) is not None


def _is_daemon(headers: Headers) -> bool:
    return DAEMONS.search(lowered(headers.words("from"))) is not None


def _is_unanswerable(headers: Headers) -> bool:
    # The null reverse-path is for mail about mail (RFC 5321, 4.5.5).
    return headers.text("return-path").replace(" ", "") == "<>"


def _is_notice(headers: Headers, text: str, *, has_original: bool) -> bool:
    """Whether a server that could not deliver says this, in lower case; the less its headers show, the more it must."""
    titled = SUBJECTS.match(lowered(headers.words("subject"))) is not None
    failed = says(FAILURES, text) or says(DELAYS, text)
    if headers.raw("x-failed-recipients") or (_is_daemon(headers) and (failed or titled)):
        return True
    marks = (titled, _is_unanswerable(headers), has_original, says(CERTAIN, text))
    return failed and sum(marks) >= 2


def _text(parts: Sequence[Part]) -> str:
    """Return the words of the notice itself: its plain text parts, or its HTML where there is no other."""
    texts = [part for part in parts if part.content_type == "text/plain" and not part.children]
    texts = texts or [part for part in parts if part.content_type == "text/html"]
    return "\n".join(_text_of(part) for part in (texts or parts[:1])[:3])


def _text_of(part: Part) -> str:
    text = decode(part.content()[0][:MAX_HTML], part.parameters.get("charset")).text
    if part.content_type == "text/html":
        html = read_html(text)
        text = f"{html.own}\n{html.quoted}"
    return with_lf(text)[:MAX_TEXT]


def _divided(text: str) -> tuple[str, str]:
    """Return the notice, and the returned mail where it follows in the same text."""
    lines = text.split("\n")
    for at, line in enumerate(lines[: 4 * MAX_LINES]):
        if ENDS.match(lowered(line[:MAX_LINE])):
            return "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
        if _is_header_begin(lines, at):
            return "\n".join(lines[:at]), "\n".join(lines[at:])
    return "\n".join(lines[:MAX_LINES]), ""


def _is_header_begin(lines: Sequence[str], at: int) -> bool:
    """Whether the header of a mail begins here: three fields that every mail has within a few lines."""
    if ":" not in lines[at][:100] or not _HEAD.match(lines[at][:100]):
        return False
    following = (line[:100] for line in lines[at : at + 12])
    return sum(_HEAD.match(line) is not None for line in following) >= 3


def _failed_recipients(headers: Headers, text: str, *, permanent: bool, transient: bool) -> Iterator[BouncedRecipient]:
    """Give the recipients that a header names, else those that begin a line, else the first in a sentence.

    `permanent` is what the notice says as a whole, for a recipient of whom it says nothing definite.
    """
    # Who wrote the notice and whom it was sent to: neither is whom a mail did not reach.
    correspondents = read_addresses((*headers.texts("from"), *headers.texts("to"), *headers.texts("delivered-to")))
    others = frozenset(address.email for address in correspondents)
    lines = [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]]
    begins = _recipients_that_begin_lines(lines, others)
    failed = addresses_in(" ".join(headers.texts("x-failed-recipients")))
    certain = (failed or tuple(begins))[:MAX_RECIPIENTS]
    for address in certain or islice(_recipients_within_lines(lines, others), 1):
        about = _about(lines, begins.get(address), frozenset(begins.values())) or text
        own = False if transient else is_permanent(about)
        status = status_in(about) or status_in(text)
        yield bounced(address, status, permanent if own is None else own, about, gave_up=not transient)


def _recipients_that_begin_lines(lines: Sequence[str], others: frozenset[str]) -> dict[str, int]:
    """Return the addresses with which lines begin, in their order, each with the number of its first line."""
    begins: dict[str, int] = {}
    for at, line in enumerate(lines):
        match = _OPENS.match(line) if "@" in line else None
        address = next(iter(addresses_in(match[1])), None) if match and not ASIDES.search(lowered(line)) else None
        if address and address not in others:
            begins.setdefault(address, at)
    return begins


def _recipients_within_lines(lines: Sequence[str], others: frozenset[str]) -> Iterator[str]:
    for line in lines:
        if "@" in line and not ASIDES.search(lowered(line)):
            yield from (one for one in addresses_in(line) if one not in others and not DAEMONS.match(one))


def _about(lines: Sequence[str], at: int | None, others: frozenset[int]) -> str:
    """Return what is said of the recipient who begins line `at`: up to the next recipient."""
    if at is None:
        return ""
    end = next((line for line in range(at + 1, at + DIAGNOSTIC_LINES) if line in others), at + DIAGNOSTIC_LINES)
    return "\n".join(lines[at:end])
