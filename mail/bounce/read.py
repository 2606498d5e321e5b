"""Bounces: which recipients a mail did not reach, read from the report that came back."""

import re
from collections.abc import Iterator
from itertools import islice

from mail.bounce.dsn import Original, failed_recipients, is_report, reached_all, read_original
from mail.bounce.failure import Bounce, BouncedRecipient, bounced
from mail.bounce.notice import BounceNotice, looks_returned, read_notice
from mail.mime.headers import Headers
from mail.mime.parts import Part
from mail.mime.tree import read_tree

MAX_PARTS = 200
# Notice and report come first; of the mail that is returned below them only the header matters.
MAX_BYTES = 262_144
# Reports that look like bounces and are none: complaints and read receipts (RFC 5965, RFC 8098).
OTHER_REPORTS = frozenset({"message/feedback-report", "message/disposition-notification"})

# Some reports are mostly blank lines. The first line break stands for itself, since the engine then looks at no others.
_BLANKS = re.compile(rb"(?:\r\n|\n)(?:\r?\n){2,}")


def read_bounce(raw: bytes) -> Bounce | None:
    """Return the bounce that a mail is, or None; pure, never raises, in time linear to the first 256 KB.

    A delivery report counts first (RFC 3464), then the wording of the servers that write none. Delayed mail is
    a bounce that is not permanent. Complaints, read receipts and reports of success are no bounces.
    """
    root = read_tree(_shortened(raw)).root
    return _read(root) if may_be_bounce(root.headers) else None


def bounce_of(raw: bytes, root: Part) -> Bounce | None:
    """Return what `read_bounce` does, of a mail whose parts are known: they are read again only where it is long."""
    if not may_be_bounce(root.headers):
        return None
    shortened = _shortened(raw)
    return _read(root if shortened == raw else read_tree(shortened).root)


def _shortened(raw: bytes) -> bytes:
    return _BLANKS.sub(b"\n\n", raw[:MAX_BYTES])


def _read(root: Part) -> Bounce | None:
    parts = tuple(islice(_walk(root), MAX_PARTS))
    if any(part.content_type in OTHER_REPORTS for part in parts):
        return None
    original = read_original(parts)
    reports = [part for part in parts if is_report(part)]
    recipients = tuple(one for part in reports for one in failed_recipients(part))
    if recipients:
        return _bounce(recipients, original.message_id)
    if any(reached_all(part) for part in reports):
        return None
    notice = read_notice(parts, has_original=original.found or bool(reports))
    return _from_notice(notice, original) if notice else None


def may_be_bounce(headers: Headers) -> bool:
    """Whether a mail's header leaves it open; a person who passes a report on, its parts attached, is no server."""
    declared = headers.text("content-type").partition(";")[0].strip().lower()
    return declared == "multipart/report" or looks_returned(headers)


def _bounce(recipients: tuple[BouncedRecipient, ...], message_id: str | None) -> Bounce:
    permanent = any(one.permanent for one in recipients)
    status = next((one.status for one in recipients if one.status and one.permanent is permanent), None)
    return Bounce(recipients, permanent, status, message_id, any(one.gave_up for one in recipients))


def _from_notice(notice: BounceNotice, original: Original) -> Bounce:
    """Return the bounce of a notice; one that names nobody means the recipient of the mail that it returns."""
    recipients = notice.recipients
    if not recipients and len(original.recipients) == 1:
        address, gave_up = original.recipients[0], notice.gave_up
        recipients = (bounced(address, notice.status, notice.permanent, notice.diagnostic, gave_up=gave_up),)
    if not recipients:
        message_id = notice.message_id or original.message_id
        return Bounce((), notice.permanent, notice.status, message_id, notice.gave_up)
    return _bounce(recipients, original.message_id or notice.message_id)


def _walk(part: Part) -> Iterator[Part]:
    """Give the parts of a mail, without those of mails within it; the root comes first."""
    yield part
    for child in part.children:
        yield from _walk(child)
