"""The command `supportdesk`: a group whose subcommands are imported when they are called."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import rich_click as click
from click.formatting import HelpFormatter

from worker.cli.errors import errors_as_sentences, stopped_as_sentence
from worker.cli.installation import Installation

# Each command's place, as module:attribute, under what a newcomer looks for; a new command is one line here.
GROUPS = {
    "Set up": {
        "demo": "worker.cli.commands.demo:demo",
        "init": "worker.cli.commands.init:init",
        "config": "worker.cli.commands.config:config",
        "db": "worker.cli.commands.db:db",
        "doctor": "worker.cli.commands.doctor:doctor",
    },
    "Run the desk": {
        "worker": "worker.cli.commands.worker:worker",
        "watch": "worker.cli.commands.watch:watch",
        "poll": "worker.cli.commands.poll:poll",
        "reconcile": "worker.cli.commands.reconcile:reconcile",
        "status": "worker.cli.commands.status:status",
        "watchman": "worker.cli.commands.watchman:watchman",
        "serve": "worker.cli.commands.serve:serve",
    },
    "Tickets, people and mails": {
        "ticket": "worker.cli.commands.ticket:ticket",
        "user": "worker.cli.commands.user:user",
        "mail": "worker.cli.commands.mail:mail",
        "explain": "worker.cli.commands.explain:explain",
        "studio": "worker.cli.commands.studio:studio",
    },
    "Mailboxes, and what waits": {
        "mailbox": "worker.cli.commands.mailbox:mailbox",
        "outbox": "worker.cli.commands.outbox:outbox",
        "quarantine": "worker.cli.commands.quarantine:quarantine",
        "suppression": "worker.cli.commands.suppression:suppression",
        "loop": "worker.cli.commands.loop:loop",
    },
    "Rules and words, tried before they are live": {
        "rules": "worker.cli.commands.rules:rules",
        "replay": "worker.cli.commands.replay:replay",
        "template": "worker.cli.commands.template:template",
    },
    "Bring along, copy, put away, let go": {
        "import": "worker.cli.commands.imports:imports",
        "export": "worker.cli.commands.export:export",
        "archive": "worker.cli.commands.archive:archive",
        "retention": "worker.cli.commands.retention:retention",
    },
}
COMMANDS = {name: place for places in GROUPS.values() for name, place in places.items()}
CONFIG = "--config"
ROOT = Path(__file__).parents[2]
LONGEST_LINE = 100


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

    def get_help(self, ctx: click.Context) -> str:
        """The page that lists the commands, without what a page in panels would import, and without any command."""
        page = HelpFormatter(width=ctx.terminal_width, max_width=LONGEST_LINE)
        page.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)))
        page.write_paragraph()
        page.write_text(self.help or "")
        with page.section("Options"):
            records = (one.get_help_record(ctx) for one in self.get_params(ctx))
            page.write_dl([record for record in records if record])
        column = max(map(len, COMMANDS))
        for title, places in GROUPS.items():
            with page.section(title):
                page.write_dl([(name.ljust(column), self.summary(ctx, name)) for name in places])
        return page.getvalue().rstrip("\n")

    def summary(self, ctx: click.Context, name: str) -> str:
        """What a command says of itself in its first sentences, read from its file: to import all takes far longer."""
        module, _, attribute = COMMANDS[name].partition(":")
        file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        _, _, body = text.partition(f"\ndef {attribute}(")
        words = body.partition('"""')[2].partition('"""')[0].partition("\n\n")[0]
        if words:
            return " ".join(words.split())
        command = self.get_command(ctx, name)
        return command.get_short_help_str(LONGEST_LINE) if command else ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options; `--config FILE` may stand behind the command as well as before it."""
        return super().parse_args(ctx, _with_config_first(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; where there is none of the name, the error says what comes near it."""
        # A shell that completes words wants no error.
        if ctx.resilient_parsing or args[0] in COMMANDS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        # Most calls name a command that there is.
        from difflib import get_close_matches

        near = get_close_matches(args[0], COMMANDS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "`supportdesk --help` lists them."
        raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit status 2 and a sentence where it could not, 130 and one where Ctrl-C ended it."""
        with errors_as_sentences(), stopped_as_sentence():
            return super().invoke(ctx)


def _with_config_first(args: list[str]) -> list[str]:
    """The arguments with `--config FILE`, or `--config=FILE`, before all others; what follows `--` stays."""
    end = args.index("--") if "--" in args else len(args)
    for place, word in enumerate(args[:end]):
        if word == CONFIG and place + 1 < end:
            return [*args[place : place + 2], *args[:place], *args[place + 2 :]]
        if word.startswith(f"{CONFIG}="):
            return [word, *args[:place], *args[place + 1 :]]
    return args


def _installed_version() -> str:
    """The version by the name of the folder that an installation leaves; what reads it from within takes far longer."""
    start, end = "supportdesk-", ".dist-info"
    found = (one.name for folder in sys.path for one in Path(folder or ".").glob(f"{start}*{end}"))
    return next(found, "").removeprefix(start).removesuffix(end)


def _say_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    click.echo(f"supportdesk {_installed_version() or 'from a checkout'}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(CONFIG, type=click.Path(path_type=Path, dir_okay=False), help="The settings file.")
@click.option(
    "--version", "-V", is_flag=True, expose_value=False, is_eager=True, callback=_say_version, help="Say which."
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Support by email on SupportDesk's own database."""
    ctx.obj = Installation(config)
