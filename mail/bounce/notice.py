"""Bounces without a delivery report: failed recipients and status are found by the wording of the notice."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from mail.bounce.dsn import Original, read_original_in_text
from mail.bounce.evidence import PossibleNotice, may_be_notice, notice_signs
from mail.bounce.failure import BouncedRecipient, bounced_recipient, is_permanent, status_in
from mail.bounce.phrases import (
    ASIDES,
    DAEMONS,
    DELAYS,
    ENDS,
    EXPIRED,
    FAILURES,
    LEADS,
    says,
)
from mail.bounce.signs import Sign
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
_SERVER_FIELD = re.compile(r"(?:return-path|received|message-id|dkim-signature|mime-version)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(ADDRESS)
_HELPERS = re.compile(r"(?:postmaster|mailer-daemon|abuse)@")
HEAD_LINES = 12


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
    signs: tuple[Sign, ...] = ()


def read_notice(parts: Sequence[Part], original: Original) -> BounceNotice | None:
    """Return what the notice says, or None for a mail that is no notice; `parts` begin with the root.

    `original` is the mail that a part returns. Failed are those in X-Failed-Recipients, else those at line starts, else
    the first one in a sentence.
    """
    headers = parts[0].headers
    if not may_be_notice(headers):
        return None
    subject = lowered(headers.words("subject"))
    text, returned_text = _split_returned_mail(_notice_text(parts))
    returned = read_original_in_text(returned_text) if returned_text else Original()
    words = lowered(text)
    lines, others = [line[:MAX_LINE] for line in text.split("\n")[:MAX_LINES]], _correspondents(headers)
    line_starts = _recipients_at_line_starts(lines, others)
    starts = tuple(line_starts.values())
    found = original if original.found else returned
    signs = notice_signs(PossibleNotice(headers, words[:MAX_TEXT], found, attached=original.found, starts=starts))
    if not signs:
        return None
    transient = says(DELAYS, f"{subject}\n{words}")
    permanent = None if transient else is_permanent(words, subject)
    if permanent is None:
        permanent = not (transient or says(EXPIRED, words))
    named = addresses_in(" ".join(headers.texts("x-failed-recipients"))) or tuple(line_starts)
    named = named[:MAX_RECIPIENTS] or tuple(islice(_recipients_within_lines(lines, others), 1))
    about = {address: _lines_about(lines, line_starts.get(address), frozenset(starts)) or text for address in named}
    recipients = tuple(_failed_recipients(about, text, permanent=permanent, transient=transient))
    if not recipients and len(returned.recipients) == 1:
        recipients = (
            bounced_recipient(returned.recipients[0], status_in(text), permanent, text, gave_up=not transient),
        )
    return BounceNotice(recipients, permanent, status_in(text), text, returned.message_id, not transient, signs)


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
    """Whether the headers of a mail begin here: three fields that every mail has within twelve lines.

    A notice may also list subject, date and recipient of the mail, and say only below that what was wrong with it.
    """
    if ":" not in lines[at][:100] or not _HEAD.match(lines[at][:100]):
        return False
    following = [line[:100] for line in lines[at : at + HEAD_LINES]]
    if sum(_HEAD.match(line) is not None for line in following) < 3:
        return False
    if any(_SERVER_FIELD.match(line) for line in following):
        return True
    below = "\n".join(line[:MAX_LINE] for line in lines[at : at + 3 * HEAD_LINES] if not _HEAD.match(line[:100]))
    return not says(FAILURES, lowered(below))


def _failed_recipients(
    about: Mapping[str, str], text: str, *, permanent: bool, transient: bool
) -> Iterator[BouncedRecipient]:
    """Yield the recipients, each with the lines that the notice `text` has about it.

    `permanent` is what the whole notice says, for a recipient about whom it says nothing else.
    """
    for address, lines in about.items():
        own = False if transient else is_permanent(lines)
        status = status_in(lines) or status_in(text)
        yield bounced_recipient(address, status, permanent if own is None else own, lines, gave_up=not transient)


def _correspondents(headers: Headers) -> frozenset[str]:
    """The sender and the recipients of the notice, who are no recipients of the returned mail."""
    correspondents = read_addresses((*headers.texts("from"), *headers.texts("to"), *headers.texts("delivered-to")))
    return frozenset(address.email for address in correspondents)


def _recipients_at_line_starts(lines: Sequence[str], others: frozenset[str]) -> dict[str, int]:
    """Return the addresses at the start of lines, in order, each with the index of its first line."""
    line_starts: dict[str, int] = {}
    for at, line in enumerate(lines):
        match = _OPENS.match(line) if "@" in line else None
        address = next(iter(addresses_in(match[1])), None) if match and not _is_aside(line, match[1]) else None
        if address and address not in others:
            line_starts.setdefault(address, at)
    return line_starts


def _is_aside(line: str, address: str) -> bool:
    """Whether a line tells of somebody else than the recipient, by its words or as the address is that of a helper.

    The words are looked for beside the addresses: a recipient may be called contact or support.
    """
    words = lowered(line)
    return bool(ASIDES.search(_ADDRESS.sub("@", words)) or _HELPERS.match(lowered(address)))


def _recipients_within_lines(lines: Sequence[str], others: frozenset[str]) -> Iterator[str]:
    for line in lines:
        if "@" in line and not _is_aside(line, ""):
            found = addresses_in(line)
            yield from (
                address
                for address in found
                if address not in others and not _HELPERS.match(address) and not DAEMONS.match(address)
            )


def _lines_about(lines: Sequence[str], at: int | None, others: frozenset[int]) -> str:
    """Return the lines from a recipient's line to that of the next, at most 12; empty where `at` is None."""
    if at is None:
        return ""
    end = next((line for line in range(at + 1, at + DIAGNOSTIC_LINES) if line in others), at + DIAGNOSTIC_LINES)
    return "\n".join(lines[at:end])
