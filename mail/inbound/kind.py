"""What kind of mail a mail is: of a person, of a program that answers, or of a program that reports."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail.bounce.failure import Bounce
from mail.inbound.automatic import why_list, why_robot
from mail.inbound.message import MailKind
from mail.mime.headers import Headers


@dataclass(frozen=True, slots=True)
class KindOfMail:
    """The kind of a mail, and the sentence that says what showed it."""

    kind: MailKind
    reason: str


# What a report is about, by the type that it gives itself (RFC 5965, RFC 8460, RFC 8098, RFC 3464).
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
}
PACKED = frozenset({"application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed"})

_DMARC = re.compile(r"\s*(?:\[[^\]]{1,40}\]\s*)?report domain:\s*\S+\s+submitter:\s*\S+", re.IGNORECASE)


def kind_of(headers: Headers, kinds: Sequence[str] = (), bounce: Bounce | None = None) -> KindOfMail:
    """Return the kind of a mail; `bounce` is what `read_bounce` made of it, `kinds` are the types of its parts.

    `kinds` are as `why_robot` takes them: each type with its method or report type behind a semicolon.
    """
    if bounce is not None:
        return KindOfMail(MailKind.BOUNCE, "It reports a mail that did not arrive, or not yet.")
    report = _report_kind(headers, kinds)
    if report:
        return report
    if robot := why_robot(headers, kinds):
        return KindOfMail(MailKind.AUTOMATIC, robot)
    if listed := why_list(headers):
        return KindOfMail(MailKind.LIST, listed)
    return KindOfMail(MailKind.PERSON, "No header says otherwise.")


def _report_kind(headers: Headers, kinds: Sequence[str]) -> KindOfMail | None:
    for kind in kinds:
        name, _, report = kind.partition("; ")
        found = REPORTS.get(report if name == "multipart/report" else PARTS.get(name, ""))
        if found:
            return KindOfMail(found[0], f"Content-Type says that it is {found[1]}.")
    # Reports on DMARC say so in their subject alone (RFC 7489, 7.2.1.1).
    if _DMARC.match(headers.words("subject")) and any(kind.partition(";")[0] in PACKED for kind in kinds):
        return KindOfMail(MailKind.REPORT, "Subject and attachment are those of a DMARC report.")
    return None
