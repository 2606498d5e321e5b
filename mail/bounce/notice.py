"""Bounces without a delivery report: failed recipients and status are found by the wording of the notice."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mail.bounce.dsn import Original, read_original_in_text
from mail.bounce.failure import BouncedRecipient, bounced_recipient, is_permanent, status_in
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
    """What the wording of a bounce says; `recipients` is empty where no address is clearly a recipient.

    `gave_up` is True where the server does not try again.
    """

    recipients: tuple[BouncedRecipient, ...]
    permanent: bool
    status: str | None
    diagnostic: str
    message_id: str | None
    gave_up: bool


def read_notice(parts: Sequence[Part], *, has_original: bool) -> BounceNotice | None:
    """Return what the notice says, or None for a mail that is no notice; `parts` begin with the root."""
    headers = parts[0].headers
    if not looks_like_bounce(headers):
        return None
    subject = lowered(headers.words("subject"))
    text, returned_text = _split_returned_mail(_notice_text(parts))
    returned = read_original_in_text(returned_text) if returned_text else Original()
    words = lowered(text)
    if not _is_notice(headers, words, has_original=has_original or returned.found):
        return None
    transient = says(DELAYS, f"{subject}\n{words}")
    permanent = None if transient else is_permanent(words, subject)
    if permanent is None:
        permanent = not (transient or says(EXPIRED, words))
    recipients = tuple(_failed_recipients(headers, text, permanent=permanent, transient=transient))
    if not recipients and len(returned.recipients) == 1:
        recipients = (
            bounced_recipient(returned.recipients[0], status_in(text), permanent, text, gave_up=not transient),
        )
    return BounceNotice(recipients, permanent, status_in(text), text, returned.message_id, not transient)


def looks_like_bounce(headers: Headers) -> bool:
    """Whether a mail server seems to have sent the mail: by sender, subject or null reverse-path.

    An answer to a notice, or a forwarded one, is from a person.
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
    # The null reverse-path marks notifications about other mail (RFC 5321, section 4.5.5).
    return headers.text("return-path").replace(" ", "") == "<>"


def _is_notice(headers: Headers, text: str, *, has_original: bool) -> bool:
    """Whether the mail is a notice, by its text in lower case; the less the headers show, the more it must say."""
    titled = SUBJECTS.match(lowered(headers.words("subject"))) is not None
    failed = says(FAILURES, text) or says(DELAYS, text)
    if headers.raw("x-failed-recipients") or (_is_daemon(headers) and (failed or titled)):
        return True
    marks = (titled, _is_unanswerable(headers), has_original, says(CERTAIN, text))
    return failed and sum(marks) >= 2


def _notice_text(parts: Sequence[Part]) -> str:
    """Return the text of the first three parts of plain text, or of HTML where there is no plain text."""
    readable = [part for part in parts if part.content_type == "text/plain" and not part.children]
    readable = readable or [part for part in parts if part.content_type == "text/html"]
    texts = []
    for part in (readable or parts[:1])[:3]:
        text = decode(part.content()[0][:MAX_HTML], part.parameters.get("charset")).text
        if part.content_type == "text/html":
            html = read_html(text)
            text = f"{html.own}\n{html.quoted}"
        texts.append(with_lf(text)[:MAX_TEXT])
    return "\n".join(texts)


def _split_returned_mail(text: str) -> tuple[str, str]:
    """Return the notice, and the returned mail if it follows in the same text, else an empty text."""
    lines = text.split("\n")
    for at, line in enumerate(lines[: 4 * MAX_LINES]):
        if ENDS.match(lowered(line[:MAX_LINE])):
            return "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
        if _is_header_start(lines, at):
            return "\n".join(lines[:at]), "\n".join(lines[at:])
    return "\n".join(lines[:MAX_LINES]), ""


def _is_header_start(lines: Sequence[str], at: int) -> bool:
    """Whether the headers of a mail begin here: three fields that every mail has within twelve lines."""
    if ":" not in lines[at][:100] or not _HEAD.match(lines[at][:100]):
        return False
    following = (line[:100] for line in lines[at : at + 12])
    return sum(_HEAD.match(line) is not None for line in following) >= 3


def _failed_recipients(headers: Headers, text: str, *, permanent: bool, transient: bool) -> Iterator[BouncedRecipient]:
    """Yield the recipients in X-Failed-Recipients, else those at line starts, else the first one in a sentence.

    `permanent` is what the whole notice says, for a recipient about whom it says nothing else.
    """
    # The sender and the recipient of the notice are not recipients of the returned mail.
    correspondents = read_addresses((*headers.texts("from"), *headers.texts("to"), *headers.texts("delivered-to")))
    others = frozenset(address.email for address in correspondents)
    lines = [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]]
    line_starts = _recipients_at_line_starts(lines, others)
    failed = addresses_in(" ".join(headers.texts("x-failed-recipients")))
    certain = (failed or tuple(line_starts))[:MAX_RECIPIENTS]
    for address in certain or islice(_recipients_within_lines(lines, others), 1):
        about = _lines_about(lines, line_starts.get(address), frozenset(line_starts.values())) or text
        own = False if transient else is_permanent(about)
        status = status_in(about) or status_in(text)
        yield bounced_recipient(address, status, permanent if own is None else own, about, gave_up=not transient)


def _recipients_at_line_starts(lines: Sequence[str], others: frozenset[str]) -> dict[str, int]:
    """Return the addresses at the start of lines, in order, each with the index of its first line."""
    line_starts: dict[str, int] = {}
    for at, line in enumerate(lines):
        match = _OPENS.match(line) if "@" in line else None
        address = next(iter(addresses_in(match[1])), None) if match and not ASIDES.search(lowered(line)) else None
        if address and address not in others:
            line_starts.setdefault(address, at)
    return line_starts


def _recipients_within_lines(lines: Sequence[str], others: frozenset[str]) -> Iterator[str]:
    for line in lines:
        if "@" in line and not ASIDES.search(lowered(line)):
            found = addresses_in(line)
            yield from (address for address in found if address not in others and not DAEMONS.match(address))


def _lines_about(lines: Sequence[str], at: int | None, others: frozenset[int]) -> str:
    """Return the lines from a recipient's line to that of the next, at most 12; empty where `at` is None."""
    if at is None:
        return ""
    end = next((line for line in range(at + 1, at + DIAGNOSTIC_LINES) if line in others), at + DIAGNOSTIC_LINES)
    return "\n".join(lines[at:end])
