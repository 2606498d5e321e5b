"""Bounces: which recipients a mail did not reach, read from the report that came back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser

from mail.bounce_notice import Notice, looks_returned, read_notice
from mail.bounce_original import Original, read_original
from mail.bounce_recipient import BouncedRecipient, Failure, bounced
from mail.bounce_report import failed_recipients, is_report, reached_all
from mail.headers import Headers, headers_of
from mail.parts import MAX_DEPTH, Part

MAX_PARTS = 200
# Notice and report come first; of the mail that is returned below them only the header matters.
MAX_BYTES = 262_144
HEAD_BYTES = 65_536
# Reports that look like bounces and are none: complaints and read receipts (RFC 5965, RFC 8098).
OTHER_REPORTS = frozenset({"message/feedback-report", "message/disposition-notification"})

# The parser of the standard library makes a message of every blank line in a report.
_BLANKS = re.compile(rb"(?:\r?\n){3,}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """Whom a mail of ours did not reach; it is permanent where any of them is, and `status` is that one's.

    `original_message_id` stands without angle brackets; `recipients` is empty where the notice names none.
    """

    recipients: tuple[BouncedRecipient, ...]
    permanent: bool
    status: str | None
    original_message_id: str | None

    @property
    def failure(self) -> Failure:
        """The class of the failure that decided; OTHER where no recipient is named."""
        decisive = [one for one in self.recipients if one.permanent is self.permanent]
        return decisive[0].failure if decisive else Failure.OTHER


def read_bounce(raw: bytes) -> Bounce | None:
    """Return the bounce that a mail is, or None; pure, never raises, in time linear to the first 256 KB.

    A delivery report counts first (RFC 3464), then the wording of the servers that write none. Delayed mail is
    a bounce that is not permanent. Complaints, read receipts and reports of success are no bounces.
    """
    data = _BLANKS.sub(b"\n\n", raw[:MAX_BYTES])
    if not _may_be(headers_of(BytesHeaderParser().parsebytes(data[:HEAD_BYTES]))):
        return None
    parts = _parts(data)
    if any(part.content_type in OTHER_REPORTS for part in parts):
        return None
    original = read_original(parts)
    reports = [part for part in parts if is_report(part)]
    recipients = tuple(one for part in reports for one in failed_recipients(part))
    if recipients:
        return _bounce(recipients, original)
    if any(reached_all(part) for part in reports):
        return None
    notice = read_notice(parts, has_original=original.found or bool(reports))
    return _from_notice(notice, original) if notice else None


def _may_be(headers: Headers) -> bool:
    """Whether the header leaves it open; a person who passes a report on, its parts attached, is no server."""
    declared = headers.text("content-type").partition(";")[0].strip().lower()
    return declared == "multipart/report" or looks_returned(headers)


def _bounce(recipients: tuple[BouncedRecipient, ...], original: Original) -> Bounce:
    permanent = any(one.permanent for one in recipients)
    status = next((one.status for one in recipients if one.status and one.permanent is permanent), None)
    return Bounce(recipients, permanent, status, original.message_id)


def _from_notice(notice: Notice, original: Original) -> Bounce:
    """Return the bounce of a notice; one that names nobody means the recipient of the mail that it returns."""
    recipients = notice.recipients
    if not recipients and len(original.recipients) == 1:
        recipients = (bounced(original.recipients[0], notice.status, notice.permanent, notice.diagnostic),)
    if not recipients:
        return Bounce((), notice.permanent, notice.status, notice.message_id or original.message_id)
    found = _bounce(recipients, original)
    return Bounce(found.recipients, found.permanent, found.status, original.message_id or notice.message_id)


def _parts(raw: bytes) -> tuple[Part, ...]:
    """Return the parts of the mail, without those of mails within it; the root comes first."""
    root = Part(_parsed(raw))
    return tuple(_walk(root))


def _parsed(raw: bytes) -> Message:
    """Return the tree; of one that is nested beyond reason the headers with the body as it stands."""
    try:
        return message_from_bytes(raw)
    except RecursionError:
        return BytesHeaderParser().parsebytes(raw)


def _walk(root: Part) -> Iterator[Part]:
    waiting = [(root, 0)]
    for _ in range(MAX_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop(0)
        yield part
        if depth < MAX_DEPTH:
            waiting = [(child, depth + 1) for child in part.children[:MAX_PARTS]] + waiting
