"""The kind of a mail by its headers and parts: of a person, automatic, a bounce, a list's, a receipt and so on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.bounce.failure import Bounce
from mail.bounce.signs import NO_TICKET, UNANSWERED, Sign, weigh
from mail.inbound.message import MailKind
from mail.inbound.programs.automatic import automatic_signs, why_list
from mail.mime.headers import Headers


@dataclass(frozen=True, slots=True)
class KindOfMail:
    """The kind of a mail, a sentence that names what it was recognised by, and all signs that a program wrote it."""

    kind: MailKind
    reason: str
    signs: tuple[Sign, ...] = ()


# Reports by their report-type: their kind and what they are (RFC 5965, RFC 8460, RFC 8098, RFC 3464).
REPORTS = {
    "feedback-report": (MailKind.REPORT, "a complaint about one of our mails"),
    "tlsrpt": (MailKind.REPORT, "a report on encryption"),
    "disposition-notification": (MailKind.RECEIPT, "a receipt of a reader"),
    "delivery-status": (MailKind.RECEIPT, "a receipt of a mail server"),
}
PARTS = {
    "message/feedback-report": "feedback-report",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "application/tlsrpt+gzip": "tlsrpt",
    "application/tlsrpt+json": "tlsrpt",
}
PACKED = frozenset({"application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed"})

_DMARC = re.compile(r"\s*(?:\[[^\]]{1,40}\]\s*)?report domain:\s*\S+\s+submitter:\s*\S+", re.IGNORECASE)


def kind_of(headers: Headers, kinds: Sequence[str] = (), bounce: Bounce | None = None, text: str = "") -> KindOfMail:
    """Return the kind of a mail; `bounce` is what `read_bounce` returned, `kinds` are the types of its parts.

    `kinds` are as `automatic_signs` takes them: each type, then a semicolon and its method or report type; `text` is
    what the sender wrote, without quotes.
    """
    if bounce is not None and bounce.is_certain:
        return KindOfMail(MailKind.BOUNCE, "It reports a mail that did not arrive, or not yet.", bounce.signs)
    report = _report_kind(headers, kinds)
    if report:
        return report
    signs = automatic_signs(headers, kinds, text)
    total, listed = weigh(signs), why_list(headers)
    if total >= NO_TICKET:
        return KindOfMail(MailKind.AUTOMATIC, signs[0].why, signs)
    if listed:
        return KindOfMail(MailKind.LIST, listed, signs)
    if bounce is not None:
        return KindOfMail(MailKind.GENERATED, "It may report a mail that did not arrive.", bounce.signs)
    generated = total >= UNANSWERED
    kind, reason = (MailKind.GENERATED, signs[0].why) if generated else (MailKind.PERSON, "No header says otherwise.")
    return KindOfMail(kind, reason, signs)


def _report_kind(headers: Headers, kinds: Sequence[str]) -> KindOfMail | None:
    for kind in kinds:
        name, _, report = kind.partition("; ")
        report_type = report if name == "multipart/report" else PARTS.get(name, "")
        if report_type in REPORTS:
            mail_kind, meaning = REPORTS[report_type]
            return KindOfMail(mail_kind, f"Content-Type says that it is {meaning}.")
    # DMARC reports are recognised by their subject alone (RFC 7489, section 7.2.1.1).
    if _DMARC.match(headers.words("subject")) and any(kind.partition(";")[0] in PACKED for kind in kinds):
        return KindOfMail(MailKind.REPORT, "Subject and attachment are those of a DMARC report.")
    return None
