"""`supportdesk config`: the settings, what is wrong with them, and where each value comes from."""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from worker.cli.errors import EXIT_STATUS
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from worker.settings.origins.listing import Value

ADVISED = 1


@click.group()
def config() -> None:
    """Look at the settings; nothing is changed, and no server is spoken to."""


@config.command()
@AS_JSON
@pass_installation
def check(installation: Installation, as_json: bool) -> None:
    """Read the settings as a start would, with the files that they name, and say each mistake in a sentence.

    The exit status is 0 where all is well, 1 where a start would do and something could be safer, 2 where it would not.
    """
    from worker.admin.doctor.run import templates
    from worker.runtime.services import open_services
    from worker.settings.load import ConfigFailure, load, settings_file
    from worker.settings.origins.listing import bare_secrets

    file = settings_file(installation.config, os.environ)
    mistakes: list[str] = []
    advice: list[str] = []
    try:
        loaded = load(installation.config, os.environ)
        services = open_services(loaded.settings, application_name="supportdesk config")
        mistakes += [finding.trouble for finding in templates(services) if finding.trouble]
        services.macros.read()
        advice += [*bare_secrets(loaded), *services.macros.troubles]
    except ConfigFailure as failure:
        mistakes += failure.messages
    if as_json:
        click.echo(json.dumps({"file": str(file.absolute()), "mistakes": mistakes, "advice": advice}, indent=2))
    else:
        _say(str(file), mistakes, advice)
    raise Exit(EXIT_STATUS if mistakes else ADVISED if advice else 0)


@config.command()
@AS_JSON
@pass_installation
def show(installation: Installation, as_json: bool) -> None:
    """Print every value, with where it came from: a line of the file, an environment variable, or the default.

    Secrets are masked, and the settings file that was found is named. Mistakes are said instead, with exit status 2.
    """
    from worker.runtime.terminal import printable
    from worker.settings.load import load
    from worker.settings.origins.listing import values

    loaded = load(installation.config, os.environ)
    found = list(values(loaded))
    if as_json:
        listed = {"file": str(loaded.file.absolute()), "values": [asdict(value) for value in found]}
        click.echo(json.dumps(listed, indent=2))
        return
    click.echo(f"The settings are those of {loaded.file.absolute()}.")
    for one in found:
        click.echo(printable(f"{one.key} = {_written(one.value)}  ({_origin(one, loaded.file.name)})"))


@config.command()
def document() -> None:
    """Print the page docs/configuration.md: every key with what it means, made from the types of the settings."""
    from worker.cli.pages.settings import page

    click.echo(page(), nl=False)


def _say(file: str, mistakes: list[str], advice: list[str]) -> None:
    from worker.runtime.terminal import printable

    for sentence in mistakes:
        click.echo(printable(sentence), err=True)
    for sentence in advice:
        click.echo(printable(f"advice: {sentence}"))
    if not mistakes:
        click.echo(printable(f"{file}: {'can be used' if advice else 'fine'}"))


def _written(value: Any) -> str:
    """A value as the file would have it."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def _origin(value: "Value", file: str) -> str:
    place = f"{file}:{value.line}" if value.line else value.variable or value.origin
    return f"{place}, read from {value.secret_file}" if value.secret_file else place
