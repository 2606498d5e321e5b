"""What is wrong with the templates of a desk, each fault as a sentence that names its file."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables

from mail.outbound.catalogue import BASE_LANGUAGE, CatalogueFailure
from mail.outbound.render import HTML, SUBJECT, TEXT, Renderer, TemplateFailure

FILES = (SUBJECT, TEXT, HTML)
# What a file must show, or its mail would not say what it is for, or not be answered; by the beginning of its path.
NEEDED: Mapping[str, frozenset[str]] = {
    "_base/body.": frozenset({"reason", "reference", "warning"}),
    "_base/letter.": frozenset({"reference"}),
    "alert/body.": frozenset({"alert"}),
    "alert-to-owner/body.": frozenset({"alert"}),
    "command-answer/body.": frozenset({"outcomes"}),
    "comment-to-agent/body.": frozenset({"comment"}),
    "comment-to-customer/body.": frozenset({"comment"}),
    "daily-report/body.": frozenset({"report"}),
    "mail-held/body.": frozenset({"held"}),
    "mail-unconfirmed/body.": frozenset({"held"}),
    "note-to-agent/body.": frozenset({"comment"}),
    "quarantine-digest/body.": frozenset({"quarantined", "dropped"}),
    "ticket-assigned/body.": frozenset({"ticket"}),
}


def check_templates(
    renderer: Renderer, samples: Mapping[str, Mapping[str, object]], language: str = BASE_LANGUAGE
) -> Iterator[str]:
    """Render every mail with its sample in a language, and look into the branches that no sample takes."""
    if language not in {BASE_LANGUAGE, *renderer.languages}:
        yield f"The templates have no language “{language}”; they have {', '.join(renderer.languages)}."
        return
    try:
        environment = renderer.environment(language)
    except CatalogueFailure as failure:
        yield str(failure)
        return
    for name in sorted(set(renderer.names()) - set(samples)):
        yield f"templates/{name} is not a mail that this program sends."
    for name, sample in samples.items():
        try:
            renderer.render(name, sample, language)
        except TemplateFailure as failure:
            yield str(failure)
    yield from _faults_of_files(renderer, environment, samples)


def _faults_of_files(
    renderer: Renderer, environment: Environment, samples: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    paths = sorted({f"{name}/{file}" for name in samples for file in FILES} | _includes(renderer))
    # Rendering told of what is missing, and of what cannot be read.
    trees = {path: tree for path in paths if (tree := _tree(environment, path)) is not None}
    # What one file names and sets, those that it includes may use.
    everywhere = {*chain.from_iterable(samples.values()), *chain.from_iterable(map(_names_set, trees.values()))}
    for path, tree in trees.items():
        given = {*samples.get(path.partition("/")[0], everywhere), *environment.globals}
        unknown = sorted(find_undeclared_variables(tree) - given)
        yield from (f"The template {path}: '{name}' is undefined." for name in unknown)
        yield from _missing(renderer, environment, path, tree)


def _names_set(tree: nodes.Template) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx in {"store", "param"}}


def _includes(renderer: Renderer) -> set[str]:
    files = (file for folder in renderer.folders for file in folder.glob("_base/*"))
    return {f"_base/{file.name}" for file in files if file.suffix in {".txt", ".html"}}


def _tree(environment: Environment, path: str) -> nodes.Template | None:
    assert environment.loader, "a renderer gives each environment one"
    try:
        # What cannot be compiled has no tree worth looking at.
        environment.get_template(path)
        return environment.parse(environment.loader.get_source(environment, path)[0])
    except (TemplateNotFound, TemplateSyntaxError):
        return None


def _missing(renderer: Renderer, environment: Environment, path: str, tree: nodes.Template) -> Iterator[str]:
    """What a file of the operator does not show although its mail needs it, or leaves out of the shipped one."""
    shipped = renderer.folders[-1] / path
    if not _is_overridden(renderer, path) or not shipped.is_file():
        return
    used = _all_names(environment, path, tree)
    needed = next((names for start, names in NEEDED.items() if path.startswith(start)), frozenset())
    yield from (f"The template {path} never shows '{name}', which its mail needs." for name in sorted(needed - used))
    blocks = _blocks(environment.parse(shipped.read_text(encoding="utf-8"))) - _blocks(tree)
    yield from (f"The template {path} misses the block '{name}' of the shipped one." for name in sorted(blocks))


def _is_overridden(renderer: Renderer, path: str) -> bool:
    *own, shipped = renderer.folders
    places = [folder / path for folder in own]
    places += [folder / language / path for folder in (*own, shipped) for language in renderer.languages]
    return any(map(Path.is_file, places))


def _all_names(environment: Environment, path: str, tree: nodes.Template) -> set[str]:
    """The variables that a file shows itself, or by what it includes and extends."""
    names, seen, waiting = set[str](), {path}, [tree]
    while waiting:
        one = waiting.pop()
        names |= find_undeclared_variables(one)
        for found in {name for name in find_referenced_templates(one) if name} - seen:
            seen.add(found)
            inner = _tree(environment, found)
            waiting += [inner] if inner is not None else []
    return names


def _blocks(tree: nodes.Template) -> set[str]:
    return {block.name for block in tree.find_all(nodes.Block)}
