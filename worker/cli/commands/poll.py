"""`supportdesk poll`: take what is new in a mailbox into the ledger, now and in this process."""

import json
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from worker.poll.run import Polled


@click.command()
@click.argument("mailbox", required=False, help="The name of a mailbox of the settings; all of them without it.")
@click.option("--from-start", is_flag=True, help="Take the mails that were there before the first poll, too.")
@AS_JSON
@pass_installation
def poll(installation: Installation, mailbox: str | None, from_start: bool, as_json: bool) -> None:
    """Poll MAILBOX once, or every mailbox of the settings; a worker decides on what was taken.

    --from-start takes, now or later, what the first poll of a folder left alone. Exit status 2 where a mailbox was
    not polled to the end.
    """
    from worker.poll.run import poll_to_the_end

    names, settings = installation.mailbox_names(mailbox), installation.settings
    if from_start:
        boxes = tuple(box.model_copy(update={"from_start": True}) for box in settings.mailbox)
        settings = settings.model_copy(update={"mailbox": boxes})
    with installation.services("poll", settings) as services:
        polled = {name: poll_to_the_end(services, name, at_once=True) for name in names}
    if as_json:
        click.echo(json.dumps([_values(name, one) for name, one in polled.items()], indent=2))
    else:
        for name, one in polled.items():
            click.echo(sentence(name, one))
    if any(one.trouble or one.unfetched for one in polled.values()):
        raise Exit(EXIT_STATUS)


def _values(name: str, polled: "Polled") -> dict[str, object]:
    unfetched = [{"uid": one.uid, "error": one.error} for one in polled.unfetched]
    return {
        "mailbox": name,
        "stored": polled.stored,
        "known": polled.known,
        "unfetched": unfetched,
        "left_alone": polled.left_alone,
        "trouble": polled.trouble,
    }


def sentence(name: str, polled: "Polled") -> str:
    """What one poll of a mailbox took and what it left, for people, and what to do where it was not let in."""
    from worker.admin.doctor.finding import MAILBOX_STEP, REFUSED_STEP, with_next_step

    stored = {0: "nothing new", 1: "1 new mail stored"}.get(polled.stored, f"{polled.stored} new mails stored")
    known = f", {polled.known} known already" if polled.known else ""
    failed = f", {len(polled.unfetched)} could not be fetched" if polled.unfetched else ""
    trouble = f"; not polled to the end: {polled.trouble}" if polled.trouble else ""
    step = REFUSED_STEP if polled.refused else MAILBOX_STEP if polled.unreachable else ""
    older = {0: "", 1: " 1 older mail was left alone; --from-start takes it."}.get(
        polled.left_alone, f" {polled.left_alone} older mails were left alone; --from-start takes them."
    )
    told = f"{name}: {stored}{known}{failed}{trouble}"
    return f"{with_next_step(told, step.format(name)) if step else f'{told}.'}{older}"
