"""Notices of servers that write no delivery report: whom they name, found by their wording."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mail.addresses import ADDRESS, addresses_in, read_addresses
from mail.bounce_recipient import BouncedRecipient, bounced, is_permanent, status_in
from mail.bounce_report import Original, read_head
from mail.bounce_words import (
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
from mail.charset import decode
from mail.headers import Headers
from mail.html import MAX_HTML, read_html
from mail.lower_case import lowered, with_lf
from mail.parts import Part

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
class Notice:
    """What the wording of a bounce says; `recipients` is empty where it names none that is sure.

    `gave_up` says that the server tries no more.
    """

    recipients: tuple[BouncedRecipient, ...]
    permanent: bool
    status: str | None
    diagnostic: str
    message_id: str | None
    gave_up: bool


def read_notice(parts: Sequence[Part], *, has_original: bool) -> Notice | None:
    """Return the notice that the mail is, or None for the mail of a person; `parts` begin with the root."""
    headers = parts[0].headers
    if not looks_returned(headers):
        return None
    subject = lowered(headers.words("subject"))
    text, rest = _divided(_text(parts))
    returned = read_head(rest) if rest else Original()
    words = lowered(text)
    if not _is_notice(headers, words, proven=has_original or returned.found):
        return None
    transient = says(DELAYS, f"{subject}\n{words}")
    said = _permanence(words, subject, transient=transient)
    named = tuple(_named(headers, text, said=said, transient=transient))
    if not named and len(returned.recipients) == 1:
        named = (bounced(returned.recipients[0], status_in(text), said, text, gave_up=not transient),)
    return Notice(named, said, status_in(text), text, returned.message_id, not transient)


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


def _is_notice(headers: Headers, text: str, *, proven: bool) -> bool:
    """Whether a server that could not deliver says this, in lower case; the less its headers show, the more it must."""
    titled = SUBJECTS.match(lowered(headers.words("subject"))) is not None
    failed = says(FAILURES, text) or says(DELAYS, text)
    if headers.raw("x-failed-recipients") or (_is_daemon(headers) and (failed or titled)):
        return True
    marks = (titled, _is_unanswerable(headers), proven, says(CERTAIN, text))
    return failed and sum(marks) >= 2


def _permanence(text: str, subject: str, *, transient: bool) -> bool:
    if transient:
        return False
    said = is_permanent(text, subject)
    return said if said is not None else not says(EXPIRED, text)


def _text(parts: Sequence[Part]) -> str:
    """Return the words of the notice itself: its plain text parts, or its HTML where there is no other."""
    texts = [part for part in parts if part.content_type == "text/plain" and not part.children]
    texts = texts or [part for part in parts if part.content_type == "text/html"]
    return "\n".join(_words(part) for part in (texts or parts[:1])[:3])


def _words(part: Part) -> str:
    text = decode(part.content()[0][:MAX_HTML], part.parameters.get("charset")).text
    if part.content_type == "text/html":
        found = read_html(text)
        text = f"{found.own}\n{found.quoted}"
    return with_lf(text)[:MAX_TEXT]


def _divided(text: str) -> tuple[str, str]:
    """Return the notice, and the returned mail where it follows in the same text."""
    lines = text.split("\n")
    for at, line in enumerate(lines[: 4 * MAX_LINES]):
        if ENDS.match(lowered(line[:MAX_LINE])):
            return "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
        if _is_head(lines, at):
            return "\n".join(lines[:at]), "\n".join(lines[at:])
    return "\n".join(lines[:MAX_LINES]), ""


def _is_head(lines: Sequence[str], at: int) -> bool:
    """Whether the header of a mail begins here: three fields that every mail has within a few lines."""
    if ":" not in lines[at][:100] or not _HEAD.match(lines[at][:100]):
        return False
    following = (line[:100] for line in lines[at : at + 12])
    return sum(_HEAD.match(line) is not None for line in following) >= 3


def _named(headers: Headers, text: str, *, said: bool, transient: bool) -> Iterator[BouncedRecipient]:
    """Give the recipients that a header names, else those that begin a line, else the first in a sentence."""
    strangers = _ours(headers)
    lines = [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]]
    begins = {address: at for address, at in reversed(list(_beginnings(lines))) if address not in strangers}
    failed = addresses_in(" ".join(headers.texts("x-failed-recipients")))
    sure = failed or sorted(begins, key=lambda one: begins[one])
    within = () if sure else islice((address for address in _within(lines) if address not in strangers), 1)
    for address in (*sure[:MAX_RECIPIENTS], *within):
        about = _about(lines, begins.get(address), frozenset(begins.values())) or text
        permanent = False if transient else is_permanent(about)
        status, permanent = status_in(about) or status_in(text), said if permanent is None else permanent
        yield bounced(address, status, permanent, about, gave_up=not transient)


def _ours(headers: Headers) -> frozenset[str]:
    """Return who wrote the notice and whom it was sent to: neither is whom a mail did not reach."""
    named = read_addresses((*headers.texts("from"), *headers.texts("to"), *headers.texts("delivered-to")))
    return frozenset(address.email for address in named)


def _beginnings(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    for at, line in enumerate(lines):
        match = _OPENS.match(line) if "@" in line else None
        if match and not ASIDES.search(lowered(line)):
            yield from ((address, at) for address in addresses_in(match[1])[:1])


def _within(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if "@" in line and not ASIDES.search(lowered(line)):
            yield from (one for one in addresses_in(line) if not DAEMONS.match(one))


def _about(lines: Sequence[str], at: int | None, others: frozenset[int]) -> str:
    """Return what is said of the recipient who begins line `at`: up to the next recipient."""
    if at is None:
        return ""
    end = next((line for line in range(at + 1, at + DIAGNOSTIC_LINES) if line in others), at + DIAGNOSTIC_LINES)
    return "\n".join(lines[at:end])
