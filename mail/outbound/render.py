"""Mails from templates: a folder for each mail, with files for its subject, its text and its HTML."""

import re
import textwrap
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from css_inline import InlineError
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
    pass_eval_context,
    select_autoescape,
)
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from mail.mime.text import one_line
from mail.outbound.catalogue import BASE_LANGUAGE, Catalogue, Said, Value, chain, languages, said
from mail.outbound.inline import Inliner
from mail.outbound.letter import cleaned, has_sign, quoted_html, with_bars
from mail.outbound.links import as_answer, escaped, escaped_lines, lines_with_links, mailto

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
SUBJECT_LIMIT = 300
ONE_LINE_LIMIT = 500
WRAP_AT = 72
TEMPLATE_SUFFIXES = (".txt", ".html", ".css")
# The function by which templates say a sentence of a catalogue.
SAY = "say"
# What a file of HTML may name besides the values of its mail: the subject of that mail.
OWN_SUBJECT = "subject"

# What an expression or a filter in a template can raise besides the errors of Jinja2 itself.
TEMPLATE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

# A command with its argument, where one of those that help names stands there, and one for the desk's machine.
COMMAND = re.compile(
    r"`(?P<run>[^`\n]+)`|(?<=un: )(?P<last>supportdesk [^\n]+)|#[a-z]+(?: (?:high|me|\d+(?: \d+)*)\b)?"
)
# A ticket's tag within a sentence of ours; at its hyphen a browser would break the line.
TAG = re.compile(r"\b[A-Z][A-Z0-9]{0,15}-\d{1,12}\b", re.ASCII)
RUN = re.compile(r"`[^`\n]+`|(?<=un: )supportdesk [^\n]+")
# Stands for a space at which no line is broken; a text of ours holds none.
HELD = "\x1f"
PARAGRAPHS = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The contents of one mail: subject on one line, text, and HTML with its styles inlined."""

    subject: str
    text: str
    html: str


class TemplateFailure(Exception):
    """A template cannot be rendered: the message names its file and the fault; only an edit helps."""


class Renderer:
    """The mails of one or more folders, in any language that those have; where two have a file, the first folder wins.

    A folder of a language, such as `de`, holds its catalogues, and may hold files of mails that are then taken in place
    of those beside it.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._inliner = Inliner()
        self._languages: dict[str, tuple[Environment, Catalogue]] = {}
        self.languages = languages(folders)

    def words(self, language: str = BASE_LANGUAGE) -> Catalogue:
        """The sentences of a language; CatalogueFailure where they cannot be used."""
        return self._language(language)[1]

    def environment(self, language: str = BASE_LANGUAGE) -> Environment:
        """The environment that the templates of a language are compiled in; CatalogueFailure as in `words`."""
        return self._language(language)[0]

    def _language(self, language: str) -> tuple[Environment, Catalogue]:
        if language not in self._languages:
            catalogue = Catalogue(language, self.folders)
            own = [folder / one for one in chain(language) for folder in self.folders]
            environment = _environment(FileSystemLoader([*own, *self.folders]))
            environment.globals |= {SAY: _say_by(catalogue), "language": language, OWN_SUBJECT: ""}
            environment.filters[SAY] = environment.globals[SAY]
            self._languages[language] = environment, catalogue
        return self._languages[language]

    def names(self) -> tuple[str, ...]:
        """Return the names of the mails, in alphabetical order."""
        found = {file.parent.name for folder in self.folders for file in folder.glob(f"*/{TEXT}")}
        return tuple(sorted(name for name in found if not name.startswith("_")))

    def render(self, name: str, context: Mapping[str, object], language: str = BASE_LANGUAGE) -> Rendered:
        """Fill the three files of the mail; TemplateFailure where one is missing, broken or uses an undefined name."""
        fill = partial(_fill, self._language(language)[0], name, context=context)
        text = fill(file=TEXT).strip("\n")
        subject = one_line(fill(file=SUBJECT), SUBJECT_LIMIT)
        html = fill(file=HTML, context={**context, OWN_SUBJECT: subject})
        return Rendered(subject, f"{text}\n", self._with_inline_styles(name, html))

    def _with_inline_styles(self, name: str, html: str) -> str:
        try:
            return self._inliner.inline(html)
        except InlineError as error:
            raise TemplateFailure(f"The styles of the template {name}/{HTML} cannot be used: {error}.") from error


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template: those of all, as a plain dictionary, which each mail copies several times."""
        return {**self.globals, **d} if d else self.globals

    def _generate(self, source: nodes.Template, *args: Any, **named: Any) -> str:
        return super()._generate(_Sentences().visit(source), *args, **named)


def _environment(loader: FileSystemLoader) -> Environment:
    environment = _Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters |= FILTERS
    return environment


def _say_by(catalogue: Catalogue) -> Callable[..., str]:
    """The function `say` of templates, which takes the key of a sentence and its values, or a sentence as a value."""

    @pass_eval_context
    def say(context: nodes.EvalContext, sentence: str | Said, **values: Value) -> str:
        whole = sentence if isinstance(sentence, Said) else said(sentence, **values)
        return catalogue.say_in_html(whole) if context.autoescape else catalogue.say(whole)

    return say


class _Sentences(NodeTransformer):
    """Turns `say("key")` into `"key"|say`, as Jinja2 fills in a filter of constants once, when it compiles."""

    def visit_Call(self, call: nodes.Call) -> nodes.Expr:  # noqa: N802 (the name that Jinja2 calls)
        self.generic_visit(call)
        if not (isinstance(call.node, nodes.Name) and call.node.name == SAY and call.args):
            return call
        key, *others = call.args
        if isinstance(key, nodes.CondExpr) and key.expr2 and not others and not call.kwargs:
            either, other = (self._filter(call, one) for one in (key.expr1, key.expr2))
            return nodes.CondExpr(key.test, either, other, lineno=call.lineno)
        return self._filter(call, key)

    def _filter(self, call: nodes.Call, key: nodes.Expr) -> nodes.Filter:
        values = call.args[1:], call.kwargs, call.dyn_args, call.dyn_kwargs
        return nodes.Filter(key, SAY, *values, lineno=call.lineno)


def _fill(environment: Environment, name: str, *, file: str, context: Mapping[str, object]) -> str:
    path = f"{name}/{file}"
    try:
        return environment.get_template(path).render(context)
    except TemplateNotFound as error:
        raise TemplateFailure(f"The template {path} needs {error.name}, which is not there.") from error
    except TemplateSyntaxError as error:
        raise TemplateFailure(f"The template {error.name}, line {error.lineno}: {error.message}") from error
    except (*TEMPLATE_ERRORS, TemplateError) as error:
        raise TemplateFailure(f"The template {_place(error, path)}: {error}.") from error


def lines(text: str) -> Markup:
    """Turn a person's plain text into safe HTML: paragraphs, line breaks and indents stay, markup is only text."""
    return _paragraphs(escaped_lines(text))


def linked(text: str) -> Markup:
    """Turn a person's plain text into safe HTML as `lines` does, with links to the URLs in it."""
    return _paragraphs(lines_with_links(text))


def quoted(text: str) -> str:
    """Put `| ` before every line of a person's text, so that none of them can be read as the reader's own words."""
    return "\n".join(f"| {line}" if line else "|" for line in text.splitlines())


def cited(text: str) -> str:
    """Put `> ` before every line of the words that an answer quotes (RFC 3676, section 4.5)."""
    return "\n".join(f"> {line}" if line else ">" for line in text.splitlines())


def quoted_lines(text: str) -> Markup:
    """Turn a person's text into safe HTML for a panel, as `lines` does, with bars as in `with_bars`."""
    return with_bars(lines(text)) if has_sign(text) else lines(text)


def quoted_linked(text: str) -> Markup:
    """Turn a person's text into safe HTML as `quoted_lines` does, with links to the URLs in it."""
    return with_bars(linked(text)) if has_sign(text) else linked(text)


def barred(text: str) -> Markup:
    """Turn one line of a person into safe HTML, with a bar as in `with_bars`."""
    return with_bars(escaped(text))


# Most sentences of ours are the same in many mails, and to break one takes as long as to fill a template.
@lru_cache(maxsize=500, typed=True)
def wrap(text: str) -> str:
    """Break a sentence of ours into lines of 72 characters; no line comes to start with a hash sign.

    A command to copy, between backticks or behind `Run:`, stays on its line.
    """
    held = RUN.sub(lambda run: run[0].replace(" ", HELD), text.replace(" #", f"{HELD}#"))
    filled = textwrap.fill(held, WRAP_AT, break_long_words=False, break_on_hyphens=False)
    return filled.replace(HELD, " ")


def strong(text: str) -> Markup:
    """Make words stand out within a sentence of ours."""
    return _trusted(f"<b>{escape(text)}</b>")


def tagged(tag: str) -> Markup:
    """Show the tag of a ticket within a sentence of ours; no line breaks in it."""
    return _trusted(f'<span class="tag">{escape(tag)}</span>')


def unbroken(sentence: str) -> Markup:
    """Show each tag within a sentence of ours as `tagged` does."""
    return _trusted(TAG.sub(lambda tag: tagged(tag[0]), str(escape(sentence))))


def commands(sentence: str) -> Markup:
    """Show the commands within a sentence of ours as code, without the backticks around those for the machine."""
    return _trusted(COMMAND.sub(_as_code, str(escape(sentence))))


def _as_code(command: re.Match[str]) -> str:
    # A command for the machine may be long, so its line may break.
    for_machine = command["run"] or command["last"]
    return f'<span class="code run">{for_machine}</span>' if for_machine else f'<span class="code">{command[0]}</span>'


def _paragraphs(safe: list[str]) -> Markup:
    parts = PARAGRAPHS.split("\n".join(safe).strip("\n"))
    return _trusted("\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in parts))


def _trusted(html: str) -> Markup:
    # It consists of escaped lines and of the tags above only.
    return Markup(html)  # noqa: S704


FILTERS: Mapping[str, Callable[..., str]] = {
    "lines": lines,
    "linked": linked,
    "cleaned": cleaned,
    "quoted_html": quoted_html,
    "quoted": quoted,
    "cited": cited,
    "quoted_lines": quoted_lines,
    "quoted_linked": quoted_linked,
    "barred": barred,
    "wrap": wrap,
    "strong": strong,
    "tagged": tagged,
    "unbroken": unbroken,
    "commands": commands,
    "mailto": mailto,
    "as_answer": as_answer,
    "one_line": partial(one_line, limit=ONE_LINE_LIMIT),
}


def _place(error: Exception, path: str) -> str:
    """Return the file and line of the template that raised; the mail's own file where none is known."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).suffix in TEMPLATE_SUFFIXES
    ]
    if not frames:
        return path
    file = Path(frames[-1].filename)
    return f"{file.parent.name}/{file.name}, line {frames[-1].lineno}"
