"""What templates are given, by the types of the values: for the command line, and as the page docs/templates.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from desk.notices.recipients import BY_TEMPLATE, MailTemplate
from desk.notices.samples import SAMPLES
from desk.notices.values.mail_values import MailValues

HEAD = """# The templates

This page is made from the types of the values by `supportdesk template docs`; a test compares the two.

A mail is a folder of `templates/` with `subject.txt`, `body.txt` and `body.html`. Their sentences stand in the
catalogues of each language, `templates/en` and `templates/de`, and are said by `say("file.name", name=value)`. The
folder that `[templates]` names is looked at first, file by file and sentence by sentence:

- `FOLDER/de/letters.toml` with one line, such as `hello = "Moin,"`, changes one sentence in German.
- `FOLDER/fr/` with all files of `templates/en` makes another language; a file that is missing there is taken from
  English, and one that is there must have every sentence.
- `FOLDER/ticket-opened/body.txt` takes the place of a file in all languages, `FOLDER/de/ticket-opened/body.txt` in
  German.

`supportdesk template check` names what is wrong, as every start does: an unknown variable, a missing or foreign
sentence, a block or a variable that the shipped file has and its mail needs. `supportdesk template preview NAME --html
FILE` shows a mail with made-up values.
"""
READERS = {True: "staff", False: "customers"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that templates may use, its type as text, and what it is."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of values with its fields: their names, and their types as text."""

    name: str
    meaning: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the desk: its name, who gets it, and the operator's own files of it."""

    name: str
    goes_to: str
    own: tuple[str, ...]


def variables() -> tuple[Variable, ...]:
    """All names that templates may use, in their order."""
    hints = get_type_hints(MailValues, include_extras=True)
    return tuple(Variable(name, _text(hint), hint.__metadata__[0]) for name, hint in hints.items())


def names_for(template: str) -> frozenset[str]:
    """The names that the templates of one mail are given."""
    return frozenset(SAMPLES[template])


def value_types() -> tuple[ValueType, ...]:
    """The types of all values, each before those that stand in its fields."""
    found: dict[type, None] = {}
    waiting = list(get_type_hints(MailValues).values())
    while waiting:
        inner = [one for one in _dataclasses(waiting.pop(0)) if one not in found]
        found |= dict.fromkeys(inner)
        waiting += [hint for one in inner for hint in get_type_hints(one).values()]
    return tuple(_value_type(one) for one in found)


def page() -> str:
    """The page docs/templates.md."""
    return "\n".join([HEAD, *_mails(), "", *_variables(), *_types()]).rstrip() + "\n"


def _mails() -> Iterator[str]:
    yield "## The mails\n\n| mail | goes to | answers become |\n| --- | --- | --- |"
    for name in sorted(SAMPLES):
        template = BY_TEMPLATE[name]
        yield f"| `{name}` | {readers(template)} | {template.kind} |"


def readers(template: MailTemplate) -> str:
    """Who gets a mail, in a word."""
    return "who gave the command" if template.name == "command-answer" else READERS[template.to_staff]


def _variables() -> Iterator[str]:
    yield "## What they are given\n\n| name | type | what it is |\n| --- | --- | --- |"
    for one in variables():
        yield f"| `{one.name}` | {one.type} | {one.meaning} |"
    yield ""


def _types() -> Iterator[str]:
    yield "## The types\n"
    for one in value_types():
        yield f"**{one.name}.** {one.meaning}\n"
        yield "\n".join(f"- `{name}`: {text}" for name, text in one.fields) + "\n"


def _value_type(one: type) -> ValueType:
    assert is_dataclass(one), "values are dataclasses"
    hints = get_type_hints(one)
    meaning = re.sub(r"\s+", " ", one.__doc__ or "").strip()
    return ValueType(one.__name__, meaning, tuple((field.name, _text(hints[field.name])) for field in fields(one)))


def _dataclasses(hint: Any) -> list[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        return [hint]
    return [found for inner in get_args(hint) for found in _dataclasses(inner)]


def _text(hint: Any) -> str:
    """A type as a reader of templates understands it."""
    if get_origin(hint) is Annotated:
        return _text(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return f"list of {_text(get_args(hint)[0])}"
    if isinstance(hint, UnionType):
        return " or ".join("nothing" if one is NoneType else _text(one) for one in get_args(hint))
    return {str: "text", int: "number", bool: "true or false"}.get(hint) or str(hint.__name__)
