"""`supportdesk mailbox`: the tokens by which mailboxes are opened that have no password."""

import os
import sys
from collections.abc import Mapping

import rich_click as click

from worker.cli.errors import refuse, stop
from worker.cli.installation import Installation, pass_installation

UNCHANGED = "Nothing was changed."


@click.group()
def mailbox() -> None:
    """Give mailboxes their tokens."""


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
    from worker.runtime.mailboxes.authorize import NotAuthorized, authorize
    from worker.runtime.services import open_services

    (name,) = installation.mailbox_names(name)
    services = open_services(installation.settings, application_name="supportdesk mailbox")
    box = services.mailbox(name)
    can_device = box.oauth is not None and bool(box.oauth.client(box.user, 1).endpoints.device)
    on_device = can_device and not has_browser(os.environ) if device is None else device
    try:
        for sentence in authorize(services, box, on_device=on_device, say=click.echo):
            click.echo(sentence)
    except (NotAuthorized, PermanentFailure, TemporaryFailure) as failure:
        refuse(str(failure), UNCHANGED)
    except KeyboardInterrupt:
        stop(UNCHANGED)
    finally:
        services.engine.dispose()


def has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a browser is likely at hand: a desktop, and nobody who came from another machine."""
    if "SSH_CONNECTION" in environ:
        return False
    return sys.platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
