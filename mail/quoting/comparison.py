"""The sender's own words in an answer, by comparison with the mails of ours that it answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from mail.mime.addresses import Address
from mail.mime.text import with_lf
from mail.quoting.attribution import has_forward_mark, is_quoted
from mail.quoting.cuts import first_cut
from mail.quoting.labels import is_forward_subject
from mail.quoting.ours.frame import frame_start, own_before
from mail.quoting.ours.proof import OurLines, compare
from mail.quoting.ours.text import SentText
from mail.quoting.ours.whole import share_of_whole
from mail.quoting.ours.words import depth, with_plain_marks, without_marks
from mail.quoting.reply import BELOW, Reply
from mail.quoting.signature.banner import banner_end
from mail.quoting.signature.footers import is_footer
from mail.quoting.signature.sign_off import sign_off
from mail.quoting.signature.start import signature_start

__all__ = ["SentText", "cut_by_sent", "without_banner"]

# Only so many pieces of our mail have their frame taken with them.
FRAMES = 500
_COMMAND = re.compile(r"\s*[#\uff03][^\W\d_]")


class File(Protocol):
    """A file of a mail; one that is `inline` may be a picture of its text or signature."""

    @property
    def inline(self) -> bool:
        """Whether it stands within the text."""


class ReadMail(Protocol):
    """What is asked of a received mail: `mail/inbound/message.py::InboundMail` has it, which knows this folder."""

    @property
    def text(self) -> str:
        """All of its text."""

    @property
    def reply(self) -> str:
        """The sender's own words, as the layers read them."""

    @property
    def removed(self) -> str:
        """What the layers removed."""

    @property
    def confidence(self) -> float:
        """How sure the layers are, 0 to 1."""

    @property
    def signature(self) -> str:
        """The signature that the layers found."""

    @property
    def subject(self) -> str:
        """Its subject."""

    @property
    def senders(self) -> Sequence[Address]:
        """Its authors."""

    @property
    def to(self) -> Sequence[Address]:
        """Whom it is addressed to."""

    @property
    def attachments(self) -> Sequence[File]:
        """Its files."""


@dataclass(slots=True)
class _Words:
    """The kept lines above our mail, between its lines and below it, and the lines that were removed.

    `has_head` says that a head of a quote stands above our words.
    """

    above: list[str]
    between: list[str]
    beneath: list[str]
    removed: list[str]
    has_head: bool = False


def cut_by_sent(mail: ReadMail, sent: Sequence[SentText]) -> Reply:
    """Return the sender's own words, what was removed, and how sure that is by the share of our mail that was found.

    Pure, in linear time. What stands in a mail of ours is quote, wherever it stands, and the frame that touches it goes
    with it. What stands between is the sender's; above and below, the layers still know quotes of others. A mail that
    holds nothing of ours, or that is a forward, stays as the layers read it, and no answer is made empty that has no
    file.
    """
    as_read = Reply(mail.reply, mail.removed, mail.confidence, mail.signature)
    if not sent or is_forward_subject(mail.subject):
        return as_read
    names = _names(mail)
    if mail.confidence > BELOW and mail.reply and (share := share_of_whole(mail.text, mail.removed, sent, names)):
        return replace(as_read, confidence=max(mail.confidence, share))
    lines = with_plain_marks(with_lf(mail.text).split("\n"))
    top = banner_end(lines)
    lines, banner = lines[top:], lines[:top]
    compared = compare(lines, sent)
    if compared is None or has_forward_mark(lines[: compared.first + 1]):
        return as_read
    words = _sort(lines, compared, names)
    if compared.is_weak and not words.has_head:
        return as_read
    below = [*words.between, *([""] if words.between and words.beneath else []), *words.beneath]
    above, footer = _without_signature(words.above) if below else (words.above, [])
    kept = [*above, "", *below] if above and below else above or below
    if not any(map(str.strip, kept)):
        has_file = any(not file.inline for file in mail.attachments)
        return Reply("", mail.text, compared.share) if has_file else as_read
    # A signature stands at an end: a `Thanks` between our lines is an answer.
    end = max(signature_start(kept), len(kept) - len(words.beneath) if words.between else 0)
    reply, signature = _trimmed(kept[:end]), _trimmed([*banner, *footer, *kept[end:]])
    return Reply(reply, _trimmed(words.removed), _confidence(mail, reply, words, compared.share), signature)


def without_banner(text: str) -> str:
    """Return a text without the warning that a gateway put above it."""
    lines = text.split("\n")
    return "\n".join(lines[banner_end(lines) :])


def sign_off_of(mail: ReadMail) -> str:
    """Return the closing, the name and the own block that were set aside, without what programs added."""
    return sign_off(mail.signature)[0]


def _without_signature(above: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The lines above our mail without the signature that a program put there, and that, where more stands below."""
    if all(not line.strip() or is_footer(line) for line in above):
        return [], above
    end = signature_start(above)
    return above[:end], above[end:]


def _confidence(mail: ReadMail, reply: str, words: _Words, share: float) -> float:
    """The share of our mail that was found, and more where the layers cut at the same place.

    Not more than where commands count, where the layers were not sure, and where a line looks like a command that
    stands below our first words or that the layers did not count among the sender's: it may be of others.
    """
    read_before = set(mail.reply.split("\n"))
    added = (line for line in reply.split("\n") if line not in read_before)
    if mail.confidence <= BELOW or any(map(_COMMAND.match, (*words.between, *words.beneath, *added))):
        return min(mail.confidence, share, BELOW)
    return max(mail.confidence, share) if reply == mail.reply and mail.removed else share


def _names(mail: ReadMail) -> frozenset[str]:
    """The words of all names and addresses in the mail's header that an attribution may hold."""
    texts = (text for one in (*mail.senders, *mail.to) for text in (one.name, one.email))
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.lower()))


def _sort(lines: Sequence[str], compared: OurLines, names: frozenset[str]) -> _Words:
    """Say of each line whether it is kept."""
    words = _Words([], [], [], [])
    at = 0
    for number, (start, end) in enumerate(compared.blocks):
        # Within our mail, a line that looks like a head is the sender's.
        is_first, begins = number == 0, start in compared.starts
        head = start
        if is_first or (begins and number < FRAMES):
            banner = begins and start not in compared.heads
            head = frame_start(lines, start, at, names, from_start=banner)
        words.has_head = words.has_head or head < start
        own, others = (_between if at else _above)(lines, at, head)
        # A line may hold the sender's words, then the head of the quote, then our first words.
        glued = compared.heads.get(start, "")
        before = own_before(lines[head] if head < start else glued, names)
        before = (glued if head == start else "") if before is None else before
        _add(words.between if at else words.above, [*own, before])
        _add(words.removed, [*others, *lines[head:end]])
        _add(words.between, [text for line in range(start, end) if (text := compared.own.get(line, ""))])
        at = end
    own, others = _beneath(lines, at, answered_above=bool(words.above))
    _add(words.beneath, own)
    _add(words.removed, others)
    return words


def _add(kept: list[str], lines: Sequence[str]) -> None:
    """Add lines as a paragraph of their own, if any of them is filled."""
    text = _trimmed(lines)
    if text:
        kept.extend(["", *text.split("\n")] if kept else text.split("\n"))


def _above(lines: Sequence[str], start: int, end: int) -> tuple[list[str], list[str]]:
    """The sender's words above our mail: all, with pasted mails and lists; only what a program quoted is of others."""
    above = list(lines[start:end])
    at = first_cut(above).at
    return (above[:at], above[at:]) if any(map(is_quoted, above[at : at + 6])) else (above, [])


def _between(lines: Sequence[str], start: int, end: int) -> tuple[list[str], list[str]]:
    """The sender's words between two pieces of ours: all but the mark of our signature, and what others quoted.

    That has more marks.
    """
    marks = depth(lines[start - 1])
    own: list[str] = []
    others: list[str] = []
    for line in lines[start:end]:
        (others if depth(line) > marks or without_marks(line).strip() == "--" else own).append(line)
    return [without_marks(line) if depth(line) else line for line in own], others


def _beneath(lines: Sequence[str], start: int, *, answered_above: bool) -> tuple[list[str], list[str]]:
    """The sender's words below the last piece of ours; quoted lines there, and what follows a head, are of others.

    Where the sender wrote nothing above, their words stand here, and a head in them may be of a pasted mail.
    """
    below = list(lines[start:])
    at = first_cut(below).at
    if not answered_above and not any(map(is_quoted, below[at : at + 6])):
        at = len(below)
    own = [line for line in below[:at] if not is_quoted(line)]
    return own, [*(line for line in below[:at] if is_quoted(line)), *below[at:]]


def _trimmed(lines: Sequence[str]) -> str:
    """Return the lines without blank ones at both ends."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""
