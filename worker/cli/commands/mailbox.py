"""`supportdesk mailbox`: lists, pauses and checks mailboxes, and gets their tokens where they have no password."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import refuse, stop
from worker.cli.installation import AS_JSON, Installation, pass_installation
from worker.cli.times import Moment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.ledger.mailbox_list import ListedMailbox
    from worker.settings.servers import MailboxSettings

UNCHANGED = "Nothing was changed."
NAME = click.argument("name", help="The name of a mailbox.")


@click.group()
def mailbox() -> None:
    """List mailboxes, pause and resume them, try their servers, and give them their tokens."""


@mailbox.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List the mailboxes that the database knows: when each was last read, and what hinders that."""
    from dataclasses import asdict

    from models.ledger.mailbox_list import list_mailboxes
    from worker.runtime.terminal import show_rows_as_json, show_table
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        found = list_mailboxes(session)
    servers = {box.name: f"{box.host}:{box.port}" for box in _configured(installation)}
    if as_json:
        show_rows_as_json(asdict(one) | {"server": servers.get(one.name)} for one in found)
        return
    if not found:
        click.echo("No mailbox was read yet.")
        return
    rows = [
        (
            one.name,
            one.address,
            ", ".join(one.folders),
            f"{one.read_at:%Y-%m-%d %H:%M}" if one.read_at else "never",
            servers.get(one.name, "not in the settings" if installation.has_settings else ""),
            _state(one),
        )
        for one in found
    ]
    show_table(("name", "address", "folders", "last read", "server", "what hinders"), rows)


def _state(one: "ListedMailbox") -> str:
    """What keeps a mailbox from being read."""
    until = f" until {one.resumes_at:%Y-%m-%d %H:%M} UTC" if one.resumes_at else ""
    hinders = (
        f"paused since {one.paused_at:%Y-%m-%d %H:%M} UTC{until}" if one.paused_at else "",
        f"its server refused us {one.refused} times" if one.refused else "",
        f"stuck at the mail with UID {one.stuck_uid}" if one.stuck_uid is not None else "",
        one.trouble,
    )
    return "; ".join(filter(None, hinders))


@mailbox.command()
@NAME
@click.option("--until", type=Moment(), metavar="TIME", help="When it ends, in UTC, such as '2026-12-24 08:00'.")
@pass_installation
def pause(installation: Installation, name: str, until: datetime | None) -> None:
    """Let nobody poll or watch mailbox NAME, in any process, until somebody resumes it.

    Mails stay on the server meanwhile. A poll under way is finished first; a watch leaves the server within seconds.
    Mails of ours go out as before.
    """
    from models.ledger.mailbox_list import pause_by_operator
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        _need(session, installation, name)
        is_paused = pause_by_operator(session, name, until)
    if not is_paused:
        raise click.BadParameter(f"{until:%Y-%m-%d %H:%M} UTC is over. {UNCHANGED}", param_hint="--until")
    how_long = f"until {until:%Y-%m-%d %H:%M} UTC" if until else f"until `supportdesk mailbox resume {name}`"
    click.echo(f"Mailbox {name} is paused {how_long}.")


@mailbox.command()
@NAME
@pass_installation
def resume(installation: Installation, name: str) -> None:
    """Let mailbox NAME be polled and watched again."""
    from models.ledger.mailbox_list import resume as end_pause
    from worker.runtime.transaction import transaction

    with installation.engine() as engine, transaction(engine) as session:
        _need(session, installation, name)
        was_paused = end_pause(session, name)
    click.echo(f"Mailbox {name} is read again." if was_paused else f"Mailbox {name} is not paused. {UNCHANGED}")


@mailbox.command()
@NAME
@click.option("--json", "as_json", is_flag=True, help="One object for each part, as of doctor.")
@pass_installation
def check(installation: Installation, name: str, as_json: bool) -> None:
    """Log in to the servers of mailbox NAME now, by IMAP and SMTP, and say what is there and what is wrong.

    Nothing is changed or sent. The exit status is 1 where something is wrong.
    """
    from worker.admin.doctor.mailbox_findings import check_mailbox
    from worker.cli.pages.finding import show_finding

    (name,) = installation.mailbox_names(name)
    with installation.services("mailbox") as services:
        findings = check_mailbox(services, name)
        status = max((show_finding(finding, as_json=as_json) for finding in findings), default=0)
    if status:
        raise Exit(status)


@mailbox.command()
@click.argument("name", help="The name of a mailbox of the settings that has a table oauth.")
@click.option("--device/--browser", default=None, help="Agree on another device, or in a browser of this machine.")
@pass_installation
def authorize(installation: Installation, name: str, device: bool | None) -> None:
    """Ask for the token of mailbox NAME, log in with it, and keep it, encrypted.

    Somebody signs in with the account of the mailbox: in a browser on this machine where there is one, else on any
    device if the provider allows that. Applications and service accounts need nobody. What goes wrong changes nothing.
    """
    from mail.failures import PermanentFailure, TemporaryFailure
    from models.schema.versions import check_version
    from worker.runtime.mailboxes.authorize import NotAuthorized, authorize
    from worker.runtime.services import open_services

    (name,) = installation.mailbox_names(name)
    services = open_services(installation.settings, application_name="supportdesk mailbox")
    box = services.mailbox(name)
    can_device = box.oauth is not None and bool(box.oauth.client(box.user, 1).endpoints.device)
    on_device = can_device and not has_browser(os.environ) if device is None else device
    try:
        check_version(services.engine)
        for sentence in authorize(services, box, on_device=on_device, say=click.echo):
            click.echo(sentence)
    except (NotAuthorized, PermanentFailure, TemporaryFailure) as failure:
        refuse(str(failure), UNCHANGED)
    except KeyboardInterrupt:
        stop(UNCHANGED)
    finally:
        services.engine.dispose()


def _configured(installation: Installation) -> "tuple[MailboxSettings, ...]":
    return installation.settings.mailbox if installation.has_settings else ()


def _need(session: "Session", installation: Installation, name: str) -> None:
    """Make sure that the database knows a mailbox; ends the command where neither it nor the settings do."""
    from models.ledger.mailboxes import ensure_mailbox, list_names

    configured = {box.name: box.address for box in _configured(installation)}
    names = list_names(session)
    if name not in {*names, *configured}:
        there = ", ".join(sorted({*names, *configured})) or "none yet"
        refuse(f"There is no mailbox {name}; there are: {there}. {UNCHANGED}")
    if name not in names:
        ensure_mailbox(session, name, configured[name])


def has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a browser is likely at hand: a desktop, and nobody who came from another machine."""
    if "SSH_CONNECTION" in environ:
        return False
    return sys.platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
