"""`supportdesk template`: the mails that the desk sends, what their templates are given, and how they look."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from worker.cli.errors import refuse
from worker.cli.installation import AS_JSON, Installation, pass_installation

if TYPE_CHECKING:
    from mail.outbound.render import Renderer

NAME = click.argument("name", help="The name of a mail, such as ticket-opened.")
LANGUAGE = click.option("--language", help="The code of a language; without it that of the desk counts.")


@click.group()
def template() -> None:
    """List, show and preview the mails of the desk, and check their templates."""


@template.command("list")
@AS_JSON
@pass_installation
def list_all(installation: Installation, as_json: bool) -> None:
    """List all mails, who gets them, and which files of theirs are your own."""
    from desk.notices.recipients import BY_TEMPLATE
    from worker.cli.pages.template import Mail, readers
    from worker.runtime.terminal import show_json, show_table

    renderer = _renderer(installation)
    mails = [Mail(name, readers(BY_TEMPLATE[name]), _own_files(renderer, name)) for name in sorted(BY_TEMPLATE)]
    if as_json:
        show_json(mails)
        return
    show_table(("mail", "goes to", "your own files"), [(one.name, one.goes_to, ", ".join(one.own)) for one in mails])


@template.command()
@NAME
@AS_JSON
@pass_installation
def show(installation: Installation, name: str, as_json: bool) -> None:
    """Show what the templates of the mail NAME are given, with the types of the values."""
    from worker.cli.pages.template import names_for, value_types, variables
    from worker.runtime.terminal import show_json, show_table

    given = names_for(_known(name))
    shown = [one for one in variables() if one.name in given]
    if as_json:
        show_json(shown)
        return
    show_table(("name", "type", "what it is"), [(one.name, one.type, one.meaning) for one in shown])
    for one in value_types():
        if any(one.name in variable.type for variable in shown):
            click.echo(f"\n{one.name}: {one.meaning}")
            show_table(("field", "type"), one.fields)


@template.command()
@NAME
@LANGUAGE
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the HTML into this file.")
@pass_installation
def preview(installation: Installation, name: str, language: str | None, html: Path | None) -> None:
    """Show the mail NAME with made-up values."""
    from desk.notices.samples import samples
    from worker.runtime.terminal import printable_lines

    renderer, chosen = _renderer(installation), _language(installation, language)
    rendered = renderer.render(_known(name), samples(renderer.words(chosen))[name], chosen)
    if html is None:
        click.echo(printable_lines(f"Subject: {rendered.subject}\n\n{rendered.text}"), nl=False)
        return
    html.write_text(rendered.html, encoding="utf-8")
    click.echo(f"The mail is in {html}; open it in a browser.")


@template.command()
@LANGUAGE
@pass_installation
def check(installation: Installation, language: str | None) -> None:
    """Check all templates and catalogues, as every start does; in every language unless one is named."""
    from desk.notices.samples import SAMPLES
    from mail.outbound.template_check import check_templates

    renderer = _renderer(installation)
    languages = (language,) if language else (*renderer.languages, *_of_settings(installation, renderer.languages))
    faults = dict.fromkeys(fault for one in languages for fault in check_templates(renderer, SAMPLES, one))
    if faults:
        refuse("\n".join(faults))
    click.echo(f"All templates are well, in {' and '.join(languages)}.")


@template.command()
def docs() -> None:
    """Print the page docs/templates.md, which is made from the types of the values."""
    from worker.cli.pages.template import page

    click.echo(page(), nl=False)


def _renderer(installation: Installation) -> "Renderer":
    """The templates of the settings; without a settings file those that come with the program."""
    from mail.outbound.catalogue import SHIPPED_TEMPLATES
    from mail.outbound.render import Renderer
    from worker.runtime.services import make_renderer

    return make_renderer(installation.settings) if installation.has_settings else Renderer(SHIPPED_TEMPLATES)


def _of_settings(installation: Installation, known: Collection[str]) -> list[str]:
    """The languages that the settings name and no folder holds."""
    if not installation.has_settings:
        return []
    settings = installation.settings
    wanted = [settings.desk.language, *(box.language for box in settings.mailbox)]
    return [one for one in dict.fromkeys(wanted) if one and one not in known]


def _language(installation: Installation, language: str | None) -> str:
    from mail.outbound.catalogue import BASE_LANGUAGE

    usual = installation.settings.desk.language if installation.has_settings else BASE_LANGUAGE
    known = _renderer(installation).languages
    if language and language not in known:
        refuse(f"The templates have no language “{language}”; they have {', '.join(known)}.")
    return language or usual


def _known(name: str) -> str:
    from desk.notices.samples import SAMPLES

    if name not in SAMPLES:
        refuse(f"There is no mail {name}. `supportdesk template list` names all of them.")
    return name


def _own_files(renderer: "Renderer", name: str) -> tuple[str, ...]:
    """The files of a mail in the folders of the operator, from there on."""
    *own, _ = renderer.folders
    found = (file.relative_to(folder) for folder in own for file in sorted(folder.glob(f"**/{name}/*")))
    return tuple(map(str, found))
