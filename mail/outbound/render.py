"""Mails from templates: a folder for each mail, with files for its subject, its text and its HTML."""

import re
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from css_inline import CSSInliner, InlineError
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.meta import find_undeclared_variables
from markupsafe import Markup

from mail.mime.text import one_line
from mail.outbound.letter import BAR, cleaned, quoted_html
from mail.outbound.links import escaped, with_links

SUBJECT, TEXT, HTML = "subject.txt", "body.txt", "body.html"
SUBJECT_LIMIT = 300
ONE_LINE_LIMIT = 500
WRAP_AT = 72
TEMPLATE_SUFFIXES = (".txt", ".html", ".css")

# What an expression or a filter in a template can raise besides the errors of Jinja2 itself.
TEMPLATE_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

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
    """The mails of one or more folders; where two have the same file, the first folder wins."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._loader = FileSystemLoader(folders)
        self._templates = Environment(
            loader=self._loader,
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._templates.filters |= FILTERS
        # A stylesheet or picture that a template names must never make the worker fetch something.
        self._inliner = CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)

    def names(self) -> tuple[str, ...]:
        """Return the names of the mails, in alphabetical order."""
        found = {file.parent.name for folder in self._folders for file in folder.glob(f"*/{TEXT}")}
        return tuple(sorted(name for name in found if not name.startswith("_")))

    def render(self, name: str, context: Mapping[str, object]) -> Rendered:
        """Fill the three files of the mail; TemplateFailure where one is missing, broken or uses an undefined name."""
        text = self._fill(name, TEXT, context).strip("\n")
        return Rendered(
            subject=one_line(self._fill(name, SUBJECT, context), SUBJECT_LIMIT),
            text=f"{text}\n",
            html=self._with_inline_styles(name, self._fill(name, HTML, context)),
        )

    def check(self, samples: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
        """Render every mail with its sample, and return a sentence for each that fails."""
        unused = sorted(set(self.names()) - set(samples))
        surplus = (f"templates/{name} is not a mail that this program sends." for name in unused)
        failures = (self._failure(name, sample) for name, sample in samples.items())
        return (*surplus, *filter(None, failures))

    def _failure(self, name: str, sample: Mapping[str, object]) -> str | None:
        try:
            self.render(name, sample)
        except TemplateFailure as failure:
            return str(failure)
        # A branch that the sample does not take may use an undefined name as well.
        for path in (f"{name}/{file}" for file in (SUBJECT, TEXT, HTML)):
            source, _, _ = self._loader.get_source(self._templates, path)
            names = find_undeclared_variables(self._templates.parse(source)) - {*sample, *self._templates.globals}
            if names:
                return f"The template {path}: '{min(names)}' is undefined."
        return None

    def _with_inline_styles(self, name: str, html: str) -> str:
        try:
            return str(self._inliner.inline(html))
        except InlineError as error:
            raise TemplateFailure(f"The styles of the template {name}/{HTML} cannot be used: {error}.") from error

    def _fill(self, name: str, file: str, context: Mapping[str, object]) -> str:
        path = f"{name}/{file}"
        try:
            return self._templates.get_template(path).render(context)
        except TemplateNotFound as error:
            raise TemplateFailure(f"The template {path} needs {error.name}, which is not there.") from error
        except TemplateSyntaxError as error:
            raise TemplateFailure(f"The template {error.name}, line {error.lineno}: {error.message}") from error
        except (*TEMPLATE_ERRORS, TemplateError) as error:
            raise TemplateFailure(f"The template {_place(error, path)}: {error}.") from error


def lines(text: str) -> Markup:
    """Turn a person's plain text into safe HTML: paragraphs, line breaks and indents stay, markup is only text."""
    return _paragraphs(_safe_lines(text))


def linked(text: str) -> Markup:
    """Turn a person's plain text into safe HTML as `lines` does, with links to the URLs in it."""
    return _paragraphs(_linked_lines(text))


def quoted(text: str) -> str:
    """Put `| ` before every line of a person's text, so that none of them can be read as the reader's own words."""
    return "\n".join(f"| {line}" if line else "|" for line in text.splitlines())


def quoted_lines(text: str) -> Markup:
    """Turn a person's text into safe HTML with `| ` before every line, the bar marked for a quieter colour."""
    return _barred(_safe_lines(text))


def quoted_linked(text: str) -> Markup:
    """Turn a person's text into safe HTML as `quoted_lines` does, with links to the URLs in it."""
    return _barred(_linked_lines(text))


def wrap(text: str) -> str:
    """Break a sentence of ours into lines of 72 characters; no line comes to start with a hash sign."""
    held = text.replace(" #", "\N{NO-BREAK SPACE}#")
    filled = textwrap.fill(held, WRAP_AT, break_long_words=False, break_on_hyphens=False)
    return filled.replace("\N{NO-BREAK SPACE}#", " #")


def _safe_lines(text: str) -> list[str]:
    """Return the lines of a text, escaped; runs of spaces, which a browser would fold, become no-break ones."""
    return [escaped(line) for line in text.splitlines()]


def _linked_lines(text: str) -> list[str]:
    return [with_links(line) for line in text.splitlines()]


def _paragraphs(safe: list[str]) -> Markup:
    parts = PARAGRAPHS.split("\n".join(safe).strip("\n"))
    return _trusted("\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in parts))


def _barred(safe: list[str]) -> Markup:
    return _trusted("<p>" + "<br>\n".join(BAR + line for line in safe) + "</p>")


def _trusted(html: str) -> Markup:
    # It consists of escaped lines and of the tags above only.
    return Markup(html)  # noqa: S704


FILTERS: Mapping[str, Callable[[str], str]] = {
    "lines": lines,
    "linked": linked,
    "cleaned": cleaned,
    "quoted_html": quoted_html,
    "quoted": quoted,
    "quoted_lines": quoted_lines,
    "quoted_linked": quoted_linked,
    "wrap": wrap,
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
