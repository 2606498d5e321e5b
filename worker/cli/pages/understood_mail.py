"""How the mail in a file is understood: as values for `--json`, and as a page that a person reads."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mail.auth.results import Pin
    from mail.bounce.failure import Bounce
    from mail.inbound.message import InboundMail
    from mail.mime.addresses import Address
    from mail.quoting.forward import Forward


@dataclass(frozen=True, slots=True)
class Understood:
    """One file as it was understood: the mail, and what it passes on."""

    file: str
    mail: "InboundMail"
    forward: "Forward | None" = None
    failed: bool = False


def understand(file: Path, *, as_text: bool) -> Understood:
    """Read a file as a mail, or with `as_text` as a plain body; never raises.

    A file that cannot be read gives an empty mail whose only repair is the reason.
    """
    # One bad file among thousands must not end the run, whatever is wrong with it.
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return understood(str(file), raw, as_text=as_text)
    except Exception as error:  # noqa: BLE001
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return Understood(str(file), _empty_mail(f"the file cannot be read: {reason}"), failed=True)


def understood(name: str, raw: bytes, *, as_text: bool = False) -> Understood:
    """The bytes of a mail, or with `as_text` of a plain body, under the name that they have for a person."""
    from mail.inbound.parse import parse
    from mail.quoting.forward import read_forward

    mail = _mail_of_body(raw) if as_text else parse(raw)
    return Understood(name, mail, read_forward(mail.text, mail.subject))


def _mail_of_body(raw: bytes) -> "InboundMail":
    from mail.mime.charset import decode
    from mail.mime.text import with_lf
    from mail.quoting.reply import visible_reply

    decoded = decode(raw)
    text = with_lf(decoded.text)
    found = visible_reply(text)
    return replace(
        _empty_mail(*filter(None, (decoded.repair,))),
        text=text,
        reply=found.reply,
        signature=found.signature,
        removed=found.removed,
        confidence=found.confidence,
    )


def _empty_mail(*repairs: str) -> "InboundMail":
    from mail.inbound.message import InboundMail

    return InboundMail(
        message_id=None,
        in_reply_to=(),
        references=(),
        senders=(),
        to=(),
        cc=(),
        delivered_to=(),
        subject="",
        date=None,
        text="",
        reply="",
        removed="",
        confidence=0.0,
        attachments=(),
        automatic=None,
        repairs=repairs,
    )


def values(one: Understood) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    from desk.intake.assessment import more_words

    mail = one.mail
    return {
        "file": one.file,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "from": _address_values(mail.senders[0]) if mail.senders else None,
        "to": [_address_values(one) for one in mail.to],
        "cc": [_address_values(one) for one in mail.cc],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply": mail.reply,
        "signature": mail.signature,
        "removed": mail.removed,
        "html": more_words(mail, mail.reply, signs=True).html,
        "confidence": mail.confidence,
        "attachments": [
            {
                "filename": file.filename,
                "content_type": file.content_type,
                "size": len(file.content),
                "inline": file.inline,
            }
            for file in mail.attachments
        ],
        "kind": mail.kind.value,
        "automatic_reason": mail.automatic,
        "signs": [{"weight": sign.weight, "why": sign.why} for sign in mail.signs],
        "bounce": _bounce_values(mail.bounce),
        "forward": _forward_values(one.forward),
        "repairs": list(mail.repairs),
    }


def _address_values(address: "Address") -> dict[str, str]:
    return {"name": address.name, "address": address.email}


def _bounce_values(bounce: "Bounce | None") -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "recipients": [one.address for one in bounce.recipients],
        "permanent": bounce.permanent,
        "status": bounce.status,
        "original_message_id": bounce.original_message_id,
    }


def _forward_values(forward: "Forward | None") -> dict[str, Any] | None:
    if forward is None:
        return None
    sender = {"name": forward.from_name, "address": forward.from_email}
    return {"from": sender, "subject": forward.subject, "text": forward.text}


def page(one: Understood, pin: "Pin | None") -> Iterator[str]:
    """Yield what a person reads: one fact a line, then the texts."""
    from mail.bounce.signs import sentence_of
    from worker.cli.pages.trust_evidence import thread_evidence, trust_evidence

    shown = values(one)
    because = f", because {shown['automatic_reason']}" if shown["automatic_reason"] else ""
    yield f"{click.format_filename(one.file)}: {shown['kind']}{because}"
    if one.mail.signs:
        yield f"  signs:    {sentence_of(one.mail.signs)}"
    sender = shown["from"]
    yield f"  from:     {sender['name']} <{sender['address']}>" if sender else "  from:     nobody"
    yield f"  subject:  {shown['subject']}"
    for name in ("message_id", "in_reply_to", "references", "date", "bounce"):
        if shown[name]:
            yield f"  {name.replace('_', ' ')}: {shown[name]}"
    yield f"  trust:    {trust_evidence(one.mail, pin)}"
    yield from (f"  thread:   {sentence}" for sentence in thread_evidence(one.mail))
    for file in shown["attachments"]:
        yield f"  file:     {file['filename']} ({file['content_type']}, {file['size']} bytes)"
    for repair in shown["repairs"]:
        yield f"  repaired: {repair}"
    if one.mail.html:
        kept = f"kept, {len(shown['html']):,} characters" if shown["html"] else "not kept, the text is"
        yield f"  HTML:     {kept}"
    texts = {name: shown[name] for name in ("reply", "signature", "removed")}
    texts["forward"] = shown["forward"]["text"] if shown["forward"] else ""
    for name, text in texts.items():
        if text:
            yield f"  {name}:" + "".join(f"\n    | {line}" for line in text.split("\n"))
    yield f"  sure of the reply: {shown['confidence']:.0%}"
