"""`supportdesk rules`: the routing rules, checked and tried before they are live."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import sentences_of
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from worker.history.trial.check import NamedFault
    from worker.settings.origins.rules import RuleFile

FOUND = 1
NO_STAFF_LIST = "So nothing is said of whom the rules assign to."


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
    from worker.history.trial.check import check_conditions, in_order
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


def _of_people(installation: Installation, read: "RuleFile") -> "list[NamedFault]":
    """What the staff list says of the rules; nothing, and a sentence on stderr, where no database can be asked."""
    from worker.history.trial.check import check_people
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
