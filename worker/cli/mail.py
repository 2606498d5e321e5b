"""`supportdesk mail read`: show how mails are understood, without a database and without a mail server."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import Installation, pass_installation
from worker.cli.large import large

if TYPE_CHECKING:
    from mail.addresses import Address
    from mail.auth_results import Pin
    from mail.bounce_recipient import Bounce
    from mail.forward import Forward
    from mail.message import InboundMail

# What a terminal would obey instead of show.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Understood:
    """One file as it was understood: the mail, and what it passes on."""

    file: str
    mail: "InboundMail"
    forward: "Forward | None" = None
    failed: bool = False


@click.group()
def mail() -> None:
    """Look into mails that lie in files, and list those that were too large to be taken."""


mail.add_command(large)


@mail.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="One object for each file, each on a line of its own.")
@click.option("--text", "as_text", is_flag=True, help="The files hold plain bodies, not whole mails.")
@click.option("--authserv-id", metavar="ID", help="Your mail server's name in Authentication-Results, to show trust.")
@pass_installation
def read(
    installation: Installation, files: tuple[Path, ...], as_json: bool, as_text: bool, authserv_id: str | None
) -> None:
    """Show how each FILE is understood: kind, trust, thread, visible reply, what was removed, attachments, repairs.

    A file that cannot be read has its line like any other and is named on stderr; exit status 2 in the end.
    With --config, own_hosts and arc_forwarders of the mailbox that pins the ID are taken from the settings.
    """
    from worker.cli.mail_evidence import pin_for

    pin, failed = pin_for(installation, authserv_id), False
    for file in files:
        understood = understand(file, as_text=as_text)
        failed = failed or understood.failed
        if understood.failed:
            click.echo(f"{click.format_filename(file)}: {understood.mail.repairs[0]}", err=True)
        shown = json.dumps(values(understood)) if as_json else "\n".join(_page(understood, pin))
        click.echo(shown if as_json else _CONTROL.sub("\ufffd", shown))
    if failed:
        raise Exit(EXIT_STATUS)


def understand(file: Path, *, as_text: bool) -> Understood:
    """Return what a file says; one that cannot be read says nothing, and why it cannot stands in its repairs."""
    # One bad file among thousands must not end the run, whatever is wrong with it.
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return _understood(str(file), raw, as_text=as_text)
    except Exception as error:  # noqa: BLE001
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return Understood(str(file), _nothing(f"the file cannot be read: {reason}"), failed=True)


def _understood(file: str, raw: bytes, *, as_text: bool) -> Understood:
    from mail.forward import read_forward
    from mail.parse import parse

    if as_text:
        body = _body(raw)
        return Understood(file, body, read_forward(body.text))
    whole = parse(raw)
    return Understood(file, whole, read_forward(whole.text, whole.subject))


def _body(raw: bytes) -> "InboundMail":
    """Return a plain body as a mail without headers."""
    from dataclasses import replace

    from mail.charset import decode
    from mail.lower_case import with_lf
    from mail.reply import visible_reply

    decoded = decode(raw)
    text = with_lf(decoded.text)
    found = visible_reply(text)
    blank = _nothing(*filter(None, (decoded.repair,)))
    return replace(
        blank,
        text=text,
        reply=found.reply,
        signature=found.signature,
        removed=found.removed,
        confidence=found.confidence,
    )


def _nothing(*repairs: str) -> "InboundMail":
    from mail.message import InboundMail

    return InboundMail(None, (), (), (), (), (), (), "", None, "", "", "", 0.0, (), None, repairs)


def values(understood: Understood) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    mail = understood.mail
    return {
        "file": understood.file,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "from": _person(mail.senders[0]) if mail.senders else None,
        "to": [_person(one) for one in mail.to],
        "cc": [_person(one) for one in mail.cc],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "reply": mail.reply,
        "signature": mail.signature,
        "removed": mail.removed,
        "confidence": mail.confidence,
        "attachments": _files(mail),
        "kind": mail.kind.value,
        "automatic_reason": mail.automatic,
        "bounce": _bounced(mail.bounce),
        "forward": _forwarded(understood.forward),
        "repairs": list(mail.repairs),
    }


def _person(address: "Address") -> dict[str, str]:
    return {"name": address.name, "address": address.email}


def _files(mail: "InboundMail") -> list[dict[str, Any]]:
    return [
        {
            "filename": file.filename,
            "content_type": file.content_type,
            "size": len(file.content),
            "inline": file.inline,
        }
        for file in mail.attachments
    ]


def _bounced(bounce: "Bounce | None") -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "recipients": [one.address for one in bounce.recipients],
        "permanent": bounce.permanent,
        "status": bounce.status,
        "original_message_id": bounce.original_message_id,
    }


def _forwarded(forward: "Forward | None") -> dict[str, Any] | None:
    if forward is None:
        return None
    sender = {"name": forward.from_name, "address": forward.from_email}
    return {"from": sender, "subject": forward.subject, "text": forward.text}


def _page(understood: Understood, pin: "Pin | None") -> Iterator[str]:
    """Yield what a person reads: one fact a line, then the texts."""
    from worker.cli.mail_evidence import thread_evidence, trust_evidence

    said = values(understood)
    yield f"{click.format_filename(understood.file)}: {said['kind']}" + _because(said["automatic_reason"])
    sender = said["from"]
    yield f"  from:     {sender['name']} <{sender['address']}>" if sender else "  from:     nobody"
    yield f"  subject:  {said['subject']}"
    for name in ("message_id", "in_reply_to", "references", "date", "bounce"):
        if said[name]:
            yield f"  {name.replace('_', ' ')}: {said[name]}"
    yield f"  trust:    {trust_evidence(understood.mail, pin)}"
    yield from (f"  thread:   {sentence}" for sentence in thread_evidence(understood.mail))
    for file in said["attachments"]:
        yield f"  file:     {file['filename']} ({file['content_type']}, {file['size']} bytes)"
    for repair in said["repairs"]:
        yield f"  repaired: {repair}"
    forward = said["forward"] or {"text": ""}
    for name, text in (
        *((name, said[name]) for name in ("reply", "signature", "removed")),
        ("forward", forward["text"]),
    ):
        if text:
            yield f"  {name}:" + "".join(f"\n    | {line}" for line in text.split("\n"))
    yield f"  sure of the reply: {said['confidence']:.0%}"


def _because(reason: str | None) -> str:
    return f", because {reason}" if reason else ""
