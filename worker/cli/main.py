"""The command `supportdesk`: a group whose subcommands are imported when they are called."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rich_click as click

from worker.cli.errors import errors_as_sentences, stopped_as_sentence
from worker.cli.installation import Installation

# Each command's place, as module:attribute; a new command is one line here.
COMMANDS = {
    "demo": "worker.cli.commands.demo:demo",
    "init": "worker.cli.commands.init:init",
    "db": "worker.cli.commands.db:db",
    "poll": "worker.cli.commands.poll:poll",
    "mailbox": "worker.cli.commands.mailbox:mailbox",
    "ticket": "worker.cli.commands.ticket:ticket",
    "mail": "worker.cli.commands.mail:mail",
    "worker": "worker.cli.commands.worker:worker",
    "watch": "worker.cli.commands.watch:watch",
    "reconcile": "worker.cli.commands.reconcile:reconcile",
    "explain": "worker.cli.commands.explain:explain",
    "quarantine": "worker.cli.commands.quarantine:quarantine",
    "outbox": "worker.cli.commands.outbox:outbox",
    "suppression": "worker.cli.commands.suppression:suppression",
    "loop": "worker.cli.commands.loop:loop",
    "user": "worker.cli.commands.user:user",
    "template": "worker.cli.commands.template:template",
    "doctor": "worker.cli.commands.doctor:doctor",
    "watchman": "worker.cli.commands.watchman:watchman",
    "status": "worker.cli.commands.status:status",
    "config": "worker.cli.commands.config:config",
}


class Commands(click.RichGroup):
    """The group that imports a command when it is called, and prints known errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own form
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's own form
        """The command, imported now; None where there is none of the name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit status 2 and a sentence where it could not, 130 and one where Ctrl-C ended it."""
        with errors_as_sentences(), stopped_as_sentence():
            return super().invoke(ctx)


def _say_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    try:
        click.echo(f"supportdesk {version('supportdesk')}")
    except PackageNotFoundError:
        click.echo("supportdesk, from a checkout")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The settings file.")
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_say_version, help="Say which.")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Support by email on SupportDesk's own database."""
    ctx.obj = Installation(config)
