"""Reports of mail servers on DMARC and TLS, known by their files (RFC 7489, section 7.2.1.1; RFC 8460, section 5)."""

import re
from collections.abc import Sequence

from mail.inbound.message import Attachment
from mail.mime.addresses import Address
from mail.mime.headers import Headers
from mail.quoting.labels import is_forward_subject

PEEKED = 2_000
GZIP, ZIP, ZIP_NAME = b"\x1f\x8b", b"PK\x03\x04", 30
DMARC, TLS = "a report on DMARC", "a report on encryption"

# receiver!domain!begin!end[!id].xml[.gz], and the same with .json of TLS; begin and end are seconds since 1970.
_NAME = re.compile(
    r"([a-z0-9._-]{1,253})!([a-z0-9._-]{1,253})!\d{9,12}!\d{9,12}(?:![^!/\\]{1,200})?\.(xml|json|zip|gz|gzip)"
    r"(?:\.(?:gz|gzip|zip))?"
)
_TYPES = re.compile(r"application/(?:x-)?(?:gzip|gzip-compressed|zip|zip-compressed|octet-stream|xml|json|tlsrpt\+\w+)")
_ROBOT = re.compile(r"dmarc|tls-?rpt|(?:no|do-?not)[._-]?reply|mailer-daemon|postmaster|reports?\b")


def report_in_files(
    files: Sequence[Attachment], headers: Headers, senders: Sequence[Address], *, has_words: bool
) -> str | None:
    """Return what the mail reports on; None where a file is something else, or where a person passes a report on.

    A person may ask what such a file means: they answer or forward, or write words from a domain that did not make it.
    """
    reports = [(file, match) for file in files if not file.inline and (match := _named(file))]
    if not reports or len(reports) < sum(not file.inline for file in files) or len(senders) > 1:
        return None
    subject = headers.words("subject")
    if any(headers.raw(name) for name in ("in-reply-to", "references")) or is_forward_subject(subject):
        return None
    _, name = reports[0]
    receiver, domain = name[1], name[2]
    sender = senders[0].email.lower() if senders else ""
    lowered = subject.casefold()
    is_made = (
        not has_words
        or "tls-report-domain" in headers.names
        or (receiver in lowered and domain in lowered)
        or _are_related(sender.rpartition("@")[2], receiver)
        or _ROBOT.search(sender.rpartition("@")[0]) is not None
    )
    return (TLS if name[3] == "json" or "tls-report-domain" in headers.names else DMARC) if is_made else None


def _named(file: Attachment) -> re.Match[str] | None:
    """Match the name of a report: that of the file, or of what is packed into it."""
    if not _TYPES.fullmatch(file.content_type) and file.content_type != "text/xml":
        return None
    return _NAME.fullmatch(file.filename.lower()) or _NAME.fullmatch(_packed_name(file.beginning))


def _packed_name(content: bytes) -> str:
    """Return the name of the first file of a zip, or the name that gzip keeps; empty where there is none."""
    if content.startswith(ZIP):
        length = int.from_bytes(content[26:28], "little")
        return content[ZIP_NAME : ZIP_NAME + min(length, PEEKED)].decode("ascii", "replace").lower()
    # The flag says that a name follows, up to NUL (RFC 1952, section 2.3.1); 4 would put another field before it.
    if content.startswith(GZIP) and len(content) > 10 and content[3] & 12 == 8:
        return content[10:PEEKED].partition(b"\0")[0].decode("ascii", "replace").lower()
    return ""


def _are_related(one: str, other: str) -> bool:
    """Whether two domains are the same, or share all but the first label of one of them."""
    if not one or not other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
