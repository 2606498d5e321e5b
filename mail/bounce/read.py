"""Raw bytes or their parts become a `Bounce` where the mail reports a failed delivery, else None (RFC 3464)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from mail.bounce.dsn import Original, failed_recipients, is_report, reached_all, read_original
from mail.bounce.evidence import may_be_notice
from mail.bounce.failure import Bounce, BouncedRecipient, bounced_recipient
from mail.bounce.notice import BounceNotice, read_notice
from mail.bounce.service import looks_like_service, read_service_notice
from mail.bounce.signs import Sign
from mail.mime.headers import Headers
from mail.mime.parts import Part
from mail.mime.tree import read_tree

MAX_PARTS = 200
# Notice and report come first; of the returned mail below them only the headers matter.
MAX_BYTES = 262_144
# Reports that look like bounces but are complaints and read receipts (RFC 5965, RFC 8098).
OTHER_REPORTS = frozenset({"message/feedback-report", "message/disposition-notification"})
REPORT = Sign(10, "It holds a delivery report.")

# Some reports are mostly blank lines. The first line break stands apart, so that the engine tries only there.
_BLANKS = re.compile(rb"(?:\r\n|\n)(?:\r?\n){2,}")


def read_bounce(raw: bytes) -> Bounce | None:
    """Return the bounce that a mail is, or None; pure, never raises, in time linear to the first 256 KB.

    A delivery report counts first (RFC 3464), then the wording of servers that write none. A delayed mail is
    a bounce that is not permanent. Complaints, read receipts and reports of success are no bounces.
    """
    root = read_tree(_shortened(raw)).root
    if looks_like_service(root):
        return read_service_notice(root)
    return _bounce_in(root) if may_be_bounce(root.headers) else None


def bounce_in_parts(raw: bytes, root: Part) -> Bounce | None:
    """Return what `read_bounce` does, for a mail whose parts are known; only a long mail is read again."""
    if looks_like_service(root):
        return read_service_notice(root)
    if not may_be_bounce(root.headers):
        return None
    shortened = _shortened(raw)
    return _bounce_in(root if shortened == raw else read_tree(shortened).root)


def _shortened(raw: bytes) -> bytes:
    return _BLANKS.sub(b"\n\n", raw[:MAX_BYTES])


def _bounce_in(root: Part) -> Bounce | None:
    parts = tuple(islice(_walk(root), MAX_PARTS))
    if any(part.content_type in OTHER_REPORTS for part in parts):
        return None
    original = read_original(parts)
    reports = [part for part in parts if is_report(part)]
    recipients = tuple(one for part in reports for one in failed_recipients(part))
    if recipients:
        return _make_bounce(recipients, original.message_id, (REPORT,))
    if any(reached_all(part) for part in reports):
        return None
    notice = read_notice(parts, original if original.found or not reports else replace(original, found=True))
    return _from_notice(notice, original) if notice else None


def may_be_bounce(headers: Headers) -> bool:
    """Whether the headers are those of a bounce; a mail of a person who attached a report has no such headers."""
    declared = headers.text("content-type").partition(";")[0].strip().lower()
    return declared == "multipart/report" or may_be_notice(headers)


def _make_bounce(recipients: tuple[BouncedRecipient, ...], message_id: str | None, signs: tuple[Sign, ...]) -> Bounce:
    permanent = any(one.permanent for one in recipients)
    status = next((one.status for one in recipients if one.status and one.permanent is permanent), None)
    return Bounce(recipients, permanent, status, message_id, any(one.gave_up for one in recipients), signs)


def _from_notice(notice: BounceNotice, original: Original) -> Bounce:
    """Return the bounce of a notice; if it names no recipient, that of the returned mail counts."""
    recipients = notice.recipients
    if not recipients and len(original.recipients) == 1:
        address, gave_up = original.recipients[0], notice.gave_up
        recipients = (bounced_recipient(address, notice.status, notice.permanent, notice.diagnostic, gave_up=gave_up),)
    if not recipients:
        message_id = notice.message_id or original.message_id
        return Bounce((), notice.permanent, notice.status, message_id, notice.gave_up, notice.signs)
    return _make_bounce(recipients, original.message_id or notice.message_id, notice.signs)


def _walk(part: Part) -> Iterator[Part]:
    """Yield the parts of a mail, root first, without those of attached mails."""
    yield part
    for child in part.children:
        yield from _walk(child)
