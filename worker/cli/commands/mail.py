"""`supportdesk mail`: shows how mails in files are understood, lists those without effect, and restores them."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS, refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation

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


@click.group()
def mail() -> None:
    """Look into mails in files, list those that were too large or dropped, and restore what a person wrote."""


@mail.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="Files with one mail each; - is standard input.",
)
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
    from worker.runtime.terminal import printable_lines

    pin, failed = pin_for(installation, authserv_id), False
    for file in files:
        understood = understand(file, as_text=as_text)
        failed = failed or understood.failed
        if understood.failed:
            click.echo(f"{click.format_filename(file)}: {understood.mail.repairs[0]}", err=True)
        shown = json.dumps(values(understood)) if as_json else "\n".join(_page(understood, pin))
        click.echo(shown if as_json else printable_lines(shown))
    if failed:
        raise Exit(EXIT_STATUS)


@mail.command()
@AS_JSON
@pass_installation
def large(installation: Installation, as_json: bool) -> None:
    """List the mails that were larger than limits.largest_mail_megabytes, the newest first.

    Only their headers were taken, and their senders were told; each lies in its folder on the server under its UID.
    """
    from models.ledger.mails import list_partial
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_partial(session)
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo("No mail was too large.")
        return
    rows = [
        (
            one.ledger_id,
            f"{one.stored_at:%Y-%m-%d %H:%M}",
            one.mailbox,
            one.folder,
            one.uid,
            f"{one.size / 1024**2:.1f}",
            one.sender or "",
            one.reason or "",
        )
        for one in found
    ]
    show_table(("number", "came", "mailbox", "folder", "UID", "MB", "from", "what became of it"), rows)


@mail.command()
@AS_JSON
@pass_installation
def dropped(installation: Installation, as_json: bool) -> None:
    """List the mails that were dropped as a program's, or by a rule, the newest first."""
    from worker.admin.digests.dropped import list_dropped
    from worker.runtime.terminal import show_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_dropped(session)
    if as_json:
        show_json(found)
        return
    if not found:
        click.echo("No mail was dropped.")
        return
    rows = [(one.number, f"{one.stored_at:%Y-%m-%d %H:%M}", one.sender, one.subject, one.reason) for one in found]
    show_table(("number", "came", "from", "subject", "reason"), rows)


@mail.command()
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...", help="Numbers of dropped mails.")
@pass_installation
def restore(installation: Installation, numbers: tuple[int, ...]) -> None:
    """Take dropped mails for a person's, and have them decided again; how far their senders are trusted stays.

    Exit status 2 where one of them is not dropped.
    """
    from worker.admin.digests.dropped import restore_mails

    with installation.engine() as engine:
        restored = restore_mails(engine, numbers)
    for number in restored:
        click.echo(f"{number} is decided again, as a person's mail.")
    if missed := sorted(set(numbers) - set(restored)):
        refuse(*(f"{number} stays as it is: it is not a dropped mail." for number in missed))


def understand(file: Path, *, as_text: bool) -> Understood:
    """Read a file as a mail, or with `as_text` as a plain body; never raises.

    A file that cannot be read gives an empty mail whose only repair is the reason.
    """
    from mail.inbound.parse import parse
    from mail.quoting.forward import read_forward

    # One bad file among thousands must not end the run, whatever is wrong with it.
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        mail = _mail_of_body(raw) if as_text else parse(raw)
        return Understood(str(file), mail, read_forward(mail.text, mail.subject))
    except Exception as error:  # noqa: BLE001
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return Understood(str(file), _empty_mail(f"the file cannot be read: {reason}"), failed=True)


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


def values(understood: Understood) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    from desk.intake.assessment import more_words

    mail = understood.mail
    return {
        "file": understood.file,
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
        "forward": _forward_values(understood.forward),
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


def _page(understood: Understood, pin: "Pin | None") -> Iterator[str]:
    """Yield what a person reads: one fact a line, then the texts."""
    from mail.bounce.signs import sentence_of
    from worker.cli.mail_evidence import thread_evidence, trust_evidence

    shown = values(understood)
    because = f", because {shown['automatic_reason']}" if shown["automatic_reason"] else ""
    yield f"{click.format_filename(understood.file)}: {shown['kind']}{because}"
    if understood.mail.signs:
        yield f"  signs:    {sentence_of(understood.mail.signs)}"
    sender = shown["from"]
    yield f"  from:     {sender['name']} <{sender['address']}>" if sender else "  from:     nobody"
    yield f"  subject:  {shown['subject']}"
    for name in ("message_id", "in_reply_to", "references", "date", "bounce"):
        if shown[name]:
            yield f"  {name.replace('_', ' ')}: {shown[name]}"
    yield f"  trust:    {trust_evidence(understood.mail, pin)}"
    yield from (f"  thread:   {sentence}" for sentence in thread_evidence(understood.mail))
    for file in shown["attachments"]:
        yield f"  file:     {file['filename']} ({file['content_type']}, {file['size']} bytes)"
    for repair in shown["repairs"]:
        yield f"  repaired: {repair}"
    if understood.mail.html:
        kept = f"kept, {len(shown['html']):,} characters" if shown["html"] else "not kept, the text is"
        yield f"  HTML:     {kept}"
    texts = {name: shown[name] for name in ("reply", "signature", "removed")}
    texts["forward"] = shown["forward"]["text"] if shown["forward"] else ""
    for name, text in texts.items():
        if text:
            yield f"  {name}:" + "".join(f"\n    | {line}" for line in text.split("\n"))
    yield f"  sure of the reply: {shown['confidence']:.0%}"
