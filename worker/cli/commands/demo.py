"""`supportdesk demo`: the whole desk on this machine, with a day at it."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import rich_click as click
from click.exceptions import Exit

from seed.example_words import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from rich.console import Console

    from worker.demo.scene import Scene
    from worker.demo.stage import Stage
    from worker.demo.story import Player

TRY_IT = "you@example.com"


class Stopped(BaseException):
    """Somebody asked the demo to end, by Ctrl-C or SIGTERM."""


@dataclass(frozen=True, slots=True)
class Request:
    """How the demo was asked for, and when (monotonic)."""

    language: str
    once: bool
    as_json: bool
    began: float


@click.command()
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    show_default=True,
    help="In which language the desk and its people write.",
)
@click.option("--once", is_flag=True, help="End after the story; exit status 0 only if everything arrived.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON, for scripts.")
def demo(language: str, once: bool, as_json: bool) -> None:
    """Start a whole desk on this machine and play a day at it: real SMTP, IMAP, PostgreSQL, broker and workers.

    Customers write, tickets open, agents answer by mail, a report arrives. Then the desk stays up to be tried with
    any mail program, until Ctrl-C. DATABASE_URL (an empty database), REDIS_URL and PG_BIN are used where they are set.
    """
    request = Request(language, once, as_json, time.monotonic())
    with _signals_raise_stopped():
        try:
            status = _run(request)
        except Stopped:
            # A story that was broken off is no success, with --once too.
            click.echo("The demo was stopped, and all that it started has ended.", err=True)
            status = 130
    raise Exit(status)


@contextmanager
def _signals_raise_stopped() -> Iterator[None]:
    def stop(_number: int, _frame: object) -> NoReturn:
        # A second signal must not break off the stopping itself.
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    handlers = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)


def _run(request: Request) -> int:
    from worker.cli.errors import refuse
    from worker.demo.ground import DemoRefused, existing_servers, own_folder
    from worker.demo.stage import set_stage

    click.echo("Starting the servers and the desk …", err=True)
    try:
        with (
            own_folder(os.environ) as folder,
            set_stage(folder, existing_servers(os.environ), request.language) as stage,
        ):
            return _play(stage, request)
    except (DemoRefused, OSError) as error:
        refuse(f"The demo cannot begin or go on: {error}")


def _play(stage: "Stage", request: Request) -> int:
    from rich.console import Console

    from worker.demo.story import Player
    from worker.demo.view import watching

    console = Console(stderr=request.as_json or not sys.stdout.isatty())
    first = FirstTicket(request.began)
    with watching(console, live=console.is_terminal and not request.as_json) as watch:

        def see(scene: "Scene") -> None:
            first.see(scene)
            watch(scene)

        player = Player(stage.engine, stage.mail, stage.why_broken, see, request.language)
        scene = player.play()
    status = _report_outcome(stage, request, scene, first)
    return status if request.once else max(status, _stay_up(stage, player, console))


@dataclass(slots=True)
class FirstTicket:
    """How many `seconds` after the command the first ticket was there; None while there is none."""

    began: float
    seconds: float | None = None

    def see(self, scene: "Scene") -> None:
        """Note the time at the first scene that has a ticket."""
        if self.seconds is None and scene.book.tickets:
            self.seconds = round(time.monotonic() - self.began, 1)


def _report_outcome(stage: "Stage", request: Request, scene: "Scene", first: FirstTicket) -> int:
    """Print how the day ended; returns the exit status, 1 where something is missing."""
    from worker.demo.expectations import counts, missing

    lacking = [*stage.why_broken(), *missing(scene)]
    took = round(time.monotonic() - request.began, 1)
    numbers: dict[str, object] = counts(scene) | {"seconds_to_first_ticket": first.seconds, "seconds": took}
    for sentence in lacking:
        click.echo(sentence, err=True)
    if request.as_json:
        click.echo(json.dumps(numbers | {"missing": lacking}))
    else:
        click.echo(
            f"{numbers['mails_written']} mails were written, {numbers['tickets']} tickets opened, "
            f"{numbers['notices_in_inboxes']} mails of the desk are in {numbers['inboxes_checked']} inboxes, "
            f"after {took:.0f} s. {'Not everything arrived.' if lacking else 'Everything arrived.'}"
        )
    return 1 if lacking else 0


def _stay_up(stage: "Stage", player: "Player", console: "Console") -> int:
    """Stay up, showing each mail that comes or goes, until somebody asks to end; 1 where the desk broke down."""
    from worker.demo.view import Printer

    printer = Printer(console)
    printer.skip(player.look_everywhere())
    player.watch = printer.show
    click.echo(_addresses(stage), err=console.stderr)
    try:
        while not stage.why_broken():
            time.sleep(1)
            player.look()
    except Stopped:
        click.echo("Stopping …", err=console.stderr)
        return 0
    click.echo("\n".join(stage.why_broken()), err=True)
    return 1


def _addresses(stage: "Stage") -> str:
    mail = stage.mail
    return f"""
The desk stays up. Look around, or write to it:

  every inbox  {mail.web_url}  (in a browser)
  IMAP         {mail.host} port {mail.imap_port}, no encryption
  SMTP         {mail.host} port {mail.smtp_port}, no encryption, no login needed
  mailboxes    {TRY_IT} to try with; support@desk.example, ada@, bob@ and carol@desk.example
  password     {mail.password}, for every mailbox
  database     {stage.database_url.replace("+psycopg", "")}
  settings     {stage.settings}  (supportdesk --config …)
  logs         {stage.folder}

Write from {TRY_IT} to support@desk.example. Ctrl-C stops everything.
"""
