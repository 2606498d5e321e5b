"""`supportdesk init`: asks for all that a desk needs, tries it, and writes the settings."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context
from click.exceptions import Exit

from worker.cli.errors import errors_as_sentences, refuse, stop
from worker.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from worker.cli.setup.answers import Answers

PROTECTION = click.Choice(["tls", "starttls", "plain"])
PORT = click.IntRange(1, 65535)
GRANT = click.Choice(["code", "client_credentials", "service_account"])
MAY_AUTHORIZE = (
    "May the tables be made in the database now (`supportdesk db upgrade`), and the token of the mailbox be asked for?"
)
PROCESSES = (
    "Last of all, start the processes, each in a terminal of its own: `supportdesk worker -Q wire`, "
    "`supportdesk worker -Q desk` and `celery -A worker.app beat`; docs/operations.md has units for systemd.\n"
)
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
@click.option("--smtp-password-file", help="A file with the password of --smtp-user; the mailbox's without it.")
@click.option("--grant", type=GRANT, help="For OAuth2: how the mailbox gets its tokens; code without it.")
@click.option("--client-id", help="For OAuth2: the client id of your application.")
@click.option("--client-secret-file", help="For OAuth2: a file that holds its client secret, which is copied.")
@click.option("--key-file", help="For OAuth2: the JSON file of a Google service account, which is copied.")
@click.option("--tenant", help="For OAuth2: your directory at Microsoft, by its id or a domain.")
@click.option("--token-url", help="For OAuth2 of another provider: the address at which tokens are asked for.")
@click.option("--authorize-url", help="For OAuth2 of another provider: where somebody agrees in a browser.")
@click.option("--device-url", help="For OAuth2 of another provider: where another device may be asked for.")
@click.option("--scopes", help="For OAuth2 of another provider: the scopes that are asked for, separated by spaces.")
@click.option("--authorize/--no-authorize", default=None, help="For OAuth2: make the tables and get the token now.")
@click.option("--database-url", help="The URL of the PostgreSQL database; DATABASE_URL without it.")
@click.option("--broker-url", help="The URL of Redis or Valkey; REDIS_URL without it.")
@click.option("--plus-addressing/--no-plus-addressing", default=None, help="Whether name+anything@ arrives there.")
@click.option("--authserv-id", help="The name that your mail server writes first in Authentication-Results.")
@click.option("--try-mail/--no-try-mail", default=None, help="Whether the mailbox may send two mails to itself.")
@click.option("--try/--no-try", "tries", default=True, help="Whether each login is tried.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there; the secret key stays.")
@click.option("--yes", is_flag=True, help="Ask nothing, and take defaults for what is not given.")
@pass_installation
def init(installation: Installation, /, *, tries: bool, overwrite: bool, yes: bool, **options: Any) -> None:
    """Ask for the mailbox, the database and the broker, try each login, and write the settings with their secrets.

    The settings go to --config, else to supportdesk.toml here, and the secrets into a folder beside it, for their
    owner's eyes only. Whatever ends the command early, nothing is written. Where a mailbox is opened by OAuth2, the
    consent is asked for once that is done.
    """
    from worker.settings.load import settings_file

    if not yes and not has_terminal():
        refuse(NO_TERMINAL)
    file = settings_file(installation.config, os.environ)
    if file.exists() and yes and not overwrite:
        refuse(f"{file} is there already; say --overwrite to replace it.")
    wanted = options.pop("authorize")
    try:
        answers = _ask_and_write(file, options, asks=not yes, tries=tries, overwrite=overwrite)
    except (KeyboardInterrupt, click.Abort):
        stop("Nothing was written.")
    if wanted is None and not yes and answers.imap.awaits_consent:
        wanted = _may_authorize()
    # An application that needs nobody gets its first token when it is needed, or where that is wanted, now.
    authorizes = answers.imap.awaits_consent or bool(wanted and answers.imap.application)
    left = ["db upgrade", *([f"mailbox authorize {answers.mailbox_name}"] if authorizes else [])]
    failed = _authorize(answers.mailbox_name, left) if wanted and authorizes else 0
    _say_how_to_go_on(file, installation.config, left)
    raise Exit(failed)


def has_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _ask_and_write(file: Path, options: dict[str, Any], *, asks: bool, tries: bool, overwrite: bool) -> "Answers":
    """The answers, once they are written; raises what ends the command where they are not."""
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
    return answers


def _may_authorize() -> bool:
    try:
        return click.confirm(MAY_AUTHORIZE, default=True)
    except (KeyboardInterrupt, click.Abort):
        # The settings are written, and it is said what is left to do.
        click.echo()
        return False


def _authorize(mailbox: str, left: list[str]) -> int:
    """Make the tables and get the mailbox its token; what was done is `left` no more. The exit status of a failure."""
    from worker.cli.commands.db import upgrade
    from worker.cli.commands.mailbox import authorize

    context = get_current_context()
    try:
        with errors_as_sentences():
            context.invoke(upgrade, revision="head")
            del left[0]
            context.invoke(authorize, name=mailbox, device=None)
            del left[0]
    except Exit as ended:
        return ended.exit_code
    return 0


def _say_how_to_go_on(file: Path, config: Path | None, left: list[str]) -> None:
    program = f"supportdesk --config {shlex.quote(str(file))}" if config else "supportdesk"
    number = {0: "this command,", 1: "these two commands, the second", 2: "these three commands, the last"}[len(left)]
    click.echo(PROCESSES)
    click.echo(f"Go on with {number} with your own address and name:\n")
    for words in left:
        click.echo(f"  {program} {words}")
    click.echo(f'  {program} user staff add you@desk.example --role admin --name "You"')
