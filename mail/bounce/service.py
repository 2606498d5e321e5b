"""Notices of sending services as JSON in a mail (Amazon SES by SNS) become failed recipients."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mail.bounce.failure import Bounce, BouncedRecipient, bounced_recipient, is_permanent, status_in
from mail.bounce.signs import Sign
from mail.mime.addresses import normalise
from mail.mime.charset import decode
from mail.mime.parts import Part

MAX_BYTES = 262_144
MAX_RECIPIENTS = 100
MAX_WORD = 4_000
MOST_BLANKS = 200
# The kinds of notices of failures, each with the member that describes it and that member's list of recipients.
MEMBERS = {"bounce": ("bounce", "bouncedRecipients"), "deliverydelay": ("deliveryDelay", "delayedRecipients")}
SIGN = Sign(10, "It holds a service's notice of a failed delivery.")


def looks_like_service(root: Part) -> bool:
    """Whether the text of a mail of one part begins like JSON, as only programs send it."""
    is_text = not root.children and root.content_type in {"text/plain", "application/json"}
    return is_text and root.beginning(4 * MOST_BLANKS)[0][:MOST_BLANKS].lstrip()[:1] == b"{"


def read_service_notice(root: Part) -> Bounce | None:
    """Return the bounce that a service reports, or None; what stands below the JSON is left out."""
    notice = _object(_text(root))
    if isinstance(notice.get("Message"), str) and "Type" in notice:
        notice = _object(notice["Message"])
    kind = str(notice.get("notificationType") or notice.get("eventType") or "").lower()
    member, name = MEMBERS.get(kind, ("", ""))
    report = notice.get(member)
    recipients = tuple(_recipients(report, name)) if isinstance(report, dict) else ()
    if not recipients:
        return None
    permanent = any(one.permanent for one in recipients)
    status = next((one.status for one in recipients if one.status and one.permanent is permanent), None)
    return Bounce(recipients, permanent, status, _message_id(notice), kind == "bounce", (SIGN,))


def _text(root: Part) -> str:
    return decode(root.content()[0][:MAX_BYTES]).text


def _object(text: str) -> dict[str, Any]:
    """Return the object with which a text begins; an empty one where it begins with none."""
    try:
        found, _ = json.JSONDecoder().raw_decode(text.lstrip())
    # Text that is nested too deeply ends the parser; it is no notice then.
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _recipients(report: Mapping[str, Any], name: str) -> Iterator[BouncedRecipient]:
    listed = report.get(name)
    is_bounce = name == MEMBERS["bounce"][1]
    for one in listed[:MAX_RECIPIENTS] if isinstance(listed, list) else ():
        address = normalise(str(one.get("emailAddress", ""))[:MAX_WORD]) if isinstance(one, dict) else None
        if not address:
            continue
        diagnostic = str(one.get("diagnosticCode") or "")[:MAX_WORD].removeprefix("smtp;").strip()
        status = status_in(str(one.get("status") or "")[:MAX_WORD]) or status_in(diagnostic)
        said = {"permanent": True, "transient": False}.get(str(report.get("bounceType", "")).lower())
        permanent = False if not is_bounce else is_permanent(status, diagnostic) if said is None else said
        yield bounced_recipient(address, status, permanent, diagnostic, gave_up=is_bounce)


def _message_id(notice: Mapping[str, Any]) -> str | None:
    """The Message-ID of the mail that we sent, where the notice repeats its header fields."""
    mail = notice.get("mail")
    common = mail.get("commonHeaders") if isinstance(mail, dict) else None
    written = common.get("messageId") if isinstance(common, dict) else None
    return str(written)[:MAX_WORD].strip().strip("<>") or None if written else None
