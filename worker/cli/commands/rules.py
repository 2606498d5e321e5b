"""`supportdesk rules`: the routing rules, checked and tried before they are live."""

import json
import os
import sys
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import refuse, sentences_of, stop
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from desk.facts import Policy
    from worker.history.rules.check import NamedFault
    from worker.history.rules.compare import TriedMail
    from worker.history.rules.explain import RoutedMail
    from worker.runtime.services import Services
    from worker.settings.origins.rules import RuleFile

FOUND = 1
NO_STAFF_LIST = "So nothing is said of whom the rules assign to."
NO_PEOPLE = "So its sender counts as nobody's that is known, and there is no staff to choose an owner from."


@click.group()
def rules() -> None:
    """Check the routing rules, and try them on mails before they are live; nothing is written."""


@rules.command()
@click.argument(
    "file",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Another settings file, or one with [[rule]] and [routing] alone.",
)
@AS_JSON
@pass_installation
def check(installation: Installation, file: Path | None, as_json: bool) -> None:
    """Name each rule that cannot be read, never matches, has no effect, or assigns to nobody, with its line.

    Only what is certain is named. The exit status is 1 where something is found.
    """
    from worker.history.rules.check import check_conditions, in_order
    from worker.runtime.terminal import printable, show_json
    from worker.settings.origins.rules import load_rules

    read = load_rules(installation.config, file, os.environ)
    found = in_order([*check_conditions(read), *_of_people(installation, read)])
    if as_json:
        show_json(found)
    for one in () if as_json else found:
        place = f"{one.file}:{one.line}" if one.line else one.file
        click.echo(printable(f'{place}: "{one.rule}" {one.sentence}.'))
    if not found and not as_json:
        number = len(read.settings.rule)
        words = f"{number} rule{'' if number == 1 else 's'}, and nothing is wrong" if number else "no rules"
        click.echo(printable(f"{read.file}: {words}."))
    raise Exit(FOUND if found else 0)


@rules.command()
@click.argument(
    "file",
    type=click.Path(path_type=Path, allow_dash=True, dir_okay=False),
    help="A file with one mail; - is standard input.",
)
@click.option("--mailbox", metavar="NAME", help="The mailbox that it came to; without it, the one that it was sent to.")
@click.option(
    "--rules",
    "other",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Other rules than those in force, as for `rules check`.",
)
@AS_JSON
@pass_installation
def explain(installation: Installation, file: Path, mailbox: str | None, other: Path | None, as_json: bool) -> None:
    """Show which rules take the mail in FILE and why each other does not, and its category, priority and owner.

    Without a database it is routed as far as that goes, and what is missing is said.
    """
    from worker.cli.pages.history.rules import lines_of
    from worker.runtime.services import open_services
    from worker.runtime.terminal import printable

    if mailbox is not None:
        installation.mailbox_names(mailbox)
    read, raw = _usable(installation, other), _raw_of(file)
    services = open_services(read.settings, application_name="supportdesk rules")
    shown = _routed(services, read, file, raw, mailbox)
    if shown is None:
        refuse(f"{click.format_filename(file)}: From names nobody, so no rule is asked; is it a mail?")
    if as_json:
        click.echo(json.dumps(asdict(shown), indent=2))
        return
    for line in lines_of(shown, str(read.file)):
        click.echo(printable(line))


@rules.command()
@click.argument(
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Another settings file, or one with [[rule]] and [routing] alone.",
)
@click.option("--last", type=click.IntRange(min=1), default=5000, show_default=True, help="So many mails, the newest.")
@AS_JSON
@pass_installation
def test(installation: Installation, file: Path, last: int, as_json: bool) -> None:
    """Route stored mails by the rules in force and by those of FILE, and show what would differ.

    They are those that opened a ticket, and those that a rule dropped. Nothing is written.
    """
    from desk.routing.rules import compile_rules

    read = _usable(installation, file)
    counts: Counter[str] = Counter()
    with installation.services("rules") as services:
        changed = replace(
            services.policy, rules=compile_rules(read.settings.rule), default_assign=read.settings.routing.default
        )
        differing = _differing(services, changed, last, counts)
    if as_json:
        click.echo(json.dumps({**counts, "differences": [asdict(one) for one in differing]}, indent=2))
    else:
        _show_differences(differing, counts)


def _of_people(installation: Installation, read: "RuleFile") -> "list[NamedFault]":
    """What the staff list says of the rules; nothing, and a sentence on stderr, where no database can be asked."""
    from worker.history.rules.check import check_people
    from worker.runtime.transaction import transaction

    try:
        with installation.engine() as engine, transaction(engine) as session:
            return check_people(session, read)
    except Exception as error:
        sentences = sentences_of(error)
        if not sentences:
            raise
        click.echo(f"{' '.join(sentences)} {NO_STAFF_LIST}", err=True)
        return []


def _usable(installation: Installation, other: Path | None) -> "RuleFile":
    """The rules in force, or others, all of which can be used; ends the command where one cannot."""
    from worker.runtime.terminal import printable
    from worker.settings.origins.rules import load_rules

    read = load_rules(installation.config, other, os.environ)
    if read.unusable:
        refuse(*(printable(f'{read.file}:{one.line}: "{one.name}" {one.sentence}.') for one in read.unusable))
    return read


def _raw_of(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        refuse(f"{click.format_filename(file)} cannot be read: {error.strerror}.")


def _routed(services: "Services", read: "RuleFile", file: Path, raw: bytes, mailbox: str | None) -> "RoutedMail | None":
    """The mail as the rules judge it; as that of somebody unknown, with a sentence, where no database answers."""
    from models.schema.versions import check_version
    from worker.history.rules.explain import route_file
    from worker.runtime.transaction import transaction

    name = click.format_filename(file)
    try:
        check_version(services.engine)
        with transaction(services.engine) as session:
            return route_file(services, read, name, raw, mailbox, session)
    except Exception as error:
        sentences = sentences_of(error)
        if not sentences:
            raise
        click.echo(f"{' '.join(sentences)} {NO_PEOPLE}", err=True)
        return route_file(services, read, name, raw, mailbox, None)
    finally:
        services.engine.dispose()


def _differing(services: "Services", changed: "Policy", last: int, counts: "Counter[str]") -> "list[TriedMail]":
    """The mails that would be routed otherwise; how many were tried, and how many could not be, is counted."""
    from worker.cli.progress import Progress
    from worker.history.rules.compare import try_rules
    from worker.runtime.transaction import transaction

    differing: list[TriedMail] = []
    counts.update({"tried": 0, "without_bytes": 0, "differ": 0})
    try:
        with Progress() as progress, transaction(services.engine) as session:
            for one in progress.follow("Mails routed", try_rules(session, services, changed, last), last):
                counts["without_bytes" if one.was is None else "tried"] += 1
                if one.differs:
                    differing.append(one)
                    counts["differ"] += 1
    except KeyboardInterrupt:
        stop(f"{counts['tried']} mails were routed by both, and {counts['differ']} differ; nothing was written.")
    return differing


def _show_differences(differing: "list[TriedMail]", counts: "Counter[str]") -> None:
    from worker.cli.pages.history.rules import row_of
    from worker.runtime.terminal import show_table

    if differing:
        columns = ("mail", "ticket", "from", "subject", "by the rules in force", "by the others")
        show_table(columns, map(row_of, differing))
    gone = f", and {counts['without_bytes']} more have no bytes that can be read" if counts["without_bytes"] else ""
    click.echo(f"{counts['tried']} mails were routed by both{gone}: {counts['differ']} differ. Nothing was written.")
