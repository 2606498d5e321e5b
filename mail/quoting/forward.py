"""A plain text with a forwarded mail is split: its sender, subject and text, and the message above it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.mime.addresses import addresses_in, normalise
from mail.mime.charset import clean
from mail.mime.text import with_lf
from mail.quoting.attribution import attribution_length, bare, is_quoted
from mail.quoting.header_block import EXAMINED_LINES, Block, find_block
from mail.quoting.labels import ANSWER_SUBJECT, FORWARD_SUBJECT, is_forward_subject

MAX_TEXT = 2_000_000
MAX_VALUE = 1_000

_ONE_QUOTE = re.compile(r"^[ \t]{0,20}>[ \t]?", re.MULTILINE)
_LINKED = re.compile(r"[\[<(]\s*mailto:[^\]>)\s]{1,300}[\]>)]?", re.IGNORECASE)
_BRACKET = re.compile(r"[<\[(]")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?: ?[AP]M\b)?[, ]|\b\d{4}\b[, ]", re.IGNORECASE)
# Words that some languages put between the time and the name (`wrote`, `has`, `user`).
_BEFORE_NAMES = re.compile(r"(?:skrev|schreef|heeft|schrieb|użytkownik|uživatel|používateľ|escribió|escreveu)\s+")
_AROUND_NAMES = " \t,;:\"'\u00ab\u00bb\u201c\u201d\u201e\xa0"


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarded mail: its sender's name and address (either may be empty), subject, text, and the words above it."""

    from_name: str
    from_email: str
    subject: str
    text: str
    message: str


def read_forward(text: str, subject: str = "") -> Forward | None:
    """Return the outermost forwarded mail of a plain text, or None.

    `subject` is that of the mail around it: an answer counts as a forward only if the text has a forward mark. The
    address is in comparable form. Pure, never raises, linear in the first two million characters.
    """
    lines = with_lf(clean(text[:MAX_TEXT])).lstrip("\ufeff").split("\n")
    block = find_block(lines) or (_find_attribution(lines) if is_forward_subject(subject) else None)
    if block is None or not _is_forward(block, subject):
        return None
    name, email = _sender(block.fields["from"][:MAX_VALUE])
    prefix = FORWARD_SUBJECT.match(subject[:MAX_VALUE])
    body = "\n".join(lines[block.end :])
    # Below bare labels, the whole text may be quoted; a part that is belongs to the mail.
    quoted = block.quoted or all(is_quoted(line) for line in lines[block.end :] if line.strip())
    return Forward(
        from_name=name,
        from_email=email,
        subject=block.fields.get("subject", "")[:MAX_VALUE]
        or subject[prefix.end() if prefix else 0 : MAX_VALUE].strip(),
        text=(_ONE_QUOTE.sub("", body) if quoted else body).strip(),
        message="\n".join(lines[: block.start]).strip(),
    )


def _find_attribution(lines: Sequence[str]) -> Block | None:
    """Return the first attribution with an address as a block, as Outlook for Mac writes it above a forward."""
    for at in range(min(len(lines), EXAMINED_LINES)):
        end = at + attribution_length(lines, at)
        joined = " ".join(bare(line) for line in lines[at:end])
        if "@" in joined:
            return Block(at, end, {"from": _writer(joined)}, marked=False, quoted=is_quoted(lines[at]))
    return None


def _writer(attribution: str) -> str:
    """Return name and address of an attribution as one value; date and time stand before the name."""
    before, bracket, after = attribution.partition("<")
    times = list(_TIME.finditer(before))
    name = before[times[-1].end() :] if times else before
    name = _BEFORE_NAMES.sub("", name.strip(_AROUND_NAMES)).strip(_AROUND_NAMES)
    return f"{name} {bracket}{after}".strip()


def _is_forward(block: Block, subject: str) -> bool:
    """Whether the block is that of a forward; Outlook writes the same block above a quote in an answer."""
    if block.marked or is_forward_subject(subject):
        return True
    return not subject.strip() or ANSWER_SUBJECT.match(subject[:MAX_VALUE]) is None


def _sender(value: str) -> tuple[str, str]:
    """Return the name and the address in the value of a label; a value without an address is a name."""
    addresses = addresses_in(value.replace("mailto:", " "))
    name = _BRACKET.split(_LINKED.sub("", value), maxsplit=1)[0].strip(" \t*_'\"\u00ab\u00bb\u201c\u201d\xa0")
    if normalise(name) or (addresses and name.startswith(addresses[0])):
        name = ""
    return name, addresses[0] if addresses else ""
