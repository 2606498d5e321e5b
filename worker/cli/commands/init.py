"""`supportdesk init`: asks for all that a desk needs, tries it, and writes the settings."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import rich_click as click

from worker.cli.errors import refuse, stop
from worker.cli.installation import Installation, pass_installation

PROTECTION = click.Choice(["tls", "starttls", "plain"])
PORT = click.IntRange(1, 65535)
NO_TERMINAL = (
    "There is no terminal to ask on. Say --yes, with all answers as options; `supportdesk init --help` names them."
)


@click.command()
@click.option("--name", help="What the desk is called in its mails.")
@click.option("--address", help="The address that customers write to.")
@click.option("--provider", help="Whose server it is: gmail, microsoft365, fastmail, ionos, ovh, gmx or dovecot.")
@click.option("--user", help="The user of the mailbox; its address without it.")
@click.option("--password-file", help="A file that holds the password, which is copied; - for standard input.")
@click.option("--imap-host", help="The host of the IMAP server.")
@click.option("--imap-port", type=PORT, help="Its port; the usual one for its protection without it.")
@click.option("--imap-security", type=PROTECTION, help="Its protection.")
@click.option("--smtp-host", help="The host of the SMTP server.")
@click.option("--smtp-port", type=PORT, help="Its port; the usual one for its protection without it.")
@click.option("--smtp-security", type=PROTECTION, help="Its protection.")
@click.option("--smtp-user", help="The user for mail that goes out, - for no login; that of the mailbox without it.")
@click.option("--smtp-password-file", help="A file that holds their password; that of the mailbox without it.")
@click.option("--database-url", help="The URL of the PostgreSQL database; DATABASE_URL without it.")
@click.option("--broker-url", help="The URL of Redis or Valkey; REDIS_URL without it.")
@click.option("--plus-addressing/--no-plus-addressing", default=None, help="Whether name+anything@ arrives there.")
@click.option("--authserv-id", help="The name by which the mail server signs its results about senders.")
@click.option("--try-mail/--no-try-mail", default=None, help="Whether the mailbox may send two mails to itself.")
@click.option("--try/--no-try", "tries", default=True, help="Whether each login is tried.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there; the secret key stays.")
@click.option("--yes", is_flag=True, help="Ask nothing, and take defaults for what is not given.")
@pass_installation
def init(installation: Installation, /, *, tries: bool, overwrite: bool, yes: bool, **options: Any) -> None:
    """Ask for the mailbox, the database and the broker, try each login, and write the settings with their secrets.

    The settings go to --config, else to supportdesk.toml here, and the secrets into a folder beside it, for their
    owner's eyes only. Whatever ends the command early, nothing is written.
    """
    from worker.settings.load import settings_file

    if not yes and not has_terminal():
        refuse(NO_TERMINAL)
    file = settings_file(installation.config, os.environ)
    if file.exists() and yes and not overwrite:
        refuse(f"{file} is there already; say --overwrite to replace it.")
    try:
        _ask_and_write(file, options, asks=not yes, tries=tries, overwrite=overwrite)
    except (KeyboardInterrupt, click.Abort):
        stop("Nothing was written.")
    _say_how_to_go_on(file, installation.config)


def has_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _ask_and_write(file: Path, options: dict[str, Any], *, asks: bool, tries: bool, overwrite: bool) -> None:
    from worker.cli.setup.dialogue import NOTHING_WRITTEN, UNKNOWN_SENDERS, Dialogue
    from worker.cli.setup.placing import in_the_way, place
    from worker.cli.setup.settings_text import secrets_of, settings_text
    from worker.settings.load import ConfigFailure

    answers = Dialogue({name: one for name, one in options.items() if one is not None}, asks, tries).answers()
    if not answers.trust.plus_addressing and not answers.trust.is_pinned:
        refuse(UNKNOWN_SENDERS, NOTHING_WRITTEN)
    secret_files = secrets_of(answers)
    there = in_the_way(file, secret_files)
    if there and not overwrite:
        named = ", ".join(map(str, there))
        if not asks or not click.confirm(f"Replace what is there already ({named})?", default=False):
            refuse(f"There already: {named}.", NOTHING_WRITTEN)
    try:
        place(file, settings_text(answers), secret_files)
    except ConfigFailure as failure:
        refuse(*failure.messages, NOTHING_WRITTEN)
    except OSError as error:
        refuse(f"{error.filename or file} cannot be written: {error.strerror}.", NOTHING_WRITTEN)
    click.echo(f"Wrote {file}, and {len(secret_files)} secrets into {file.parent / 'secrets'}.")


def _say_how_to_go_on(file: Path, config: Path | None) -> None:
    program = f"supportdesk --config {shlex.quote(str(file))}" if config else "supportdesk"
    click.echo("Go on with these two commands, the second with your own address and name:\n")
    click.echo(f"  {program} db upgrade")
    click.echo(f'  {program} user staff add you@desk.example --role admin --name "You"')
