"""Texts that staff send by their names, with what they change: a file of the operator each, read and filled in.

A file begins with lines such as `status: resolved`, up to its first empty line; the text follows. One that begins with
an empty line is all text, and so is one in which nothing above that line could be meant to change something. What
stands in braces is put in as words and never run (docs/decisions/0042-texts-of-the-desk-are-files-of-words.md).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from desk.ticket import Category, Person, Priority, Status, Ticket

_SLOT = re.compile(r"\{\s{0,9}(\w{1,40})\s{0,9}\}")
# What was meant as a place, as other programs write theirs: {customer.name}, {first name}, {{ customer }}.
_MEANT = re.compile(r"\{\s{0,9}(\w[\w.\- ]{0,60})\}|(\{\{[^{}\n]{0,80}\}\})")
_COMMAND = re.compile(r"\s*[#\uff03/][^\W\d_]")
_FIRST_WORD = re.compile(r"[\W_]{0,9}([^\W_]+)")
# What stands behind the first word of a header, or is written there by mistake.
_BEHIND_HEADER = frozenset(":=\uff1a")
_NAME = re.compile(r"[\w-]{1,40}")
# So much of a title or of a name goes into a text.
_LONGEST_VALUE = 200


class MacroFailure(Exception):
    """A text that cannot be used: the message is the rest of a sentence that begins with its file."""


class Slot(StrEnum):
    """What may stand in braces: nothing of a ticket but these words."""

    CUSTOMER = "customer"
    TICKET = "ticket"
    AGENT = "agent"
    TITLE = "title"


class Header(StrEnum):
    """The first words of the lines above a text."""

    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGN = "assign"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Macro:
    """A text with its places, which may be empty, and what it changes; None leaves a field alone.

    With `mine` the ticket goes to whoever sends it, with `note` the words of the mail stay internal.
    """

    text: str
    status: Status | None = None
    priority: Priority | None = None
    category: Category | None = None
    mine: bool = False
    note: bool = False

    @property
    def first_line(self) -> str:
        """How the text begins, for a list of texts."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


# By their names as `macro_name` gives them; None for a file that cannot be used.
Macros = Mapping[str, Macro | None]


def macro_name(word: str) -> str:
    """The name that a word means, in any case of letters; empty where no text can be called so."""
    name = unicodedata.normalize("NFC", word.strip()).casefold()
    return name if _NAME.fullmatch(name) else ""


def read_macro(content: str) -> Macro:
    """A file's content as a macro. Raises MacroFailure where a line of it cannot be understood."""
    header, body = _parted(content.replace("\r\n", "\n"))
    macro = Macro(body.strip())
    for line in header:
        macro = _with_header(macro, line)
    for place in _MEANT.finditer(macro.text):
        if place[2] or place[1].strip() not in set(Slot):
            meant = place[2] or f"{{{place[1].strip()}}}"
            raise MacroFailure(f"names {meant}, and there are {_listed(Slot, '{%s}')}")
    for line in macro.text.splitlines():
        if _COMMAND.match(line):
            raise MacroFailure(f"has a line that reads as a command: {line.strip()[:60]}")
    if macro == Macro(""):
        raise MacroFailure("holds no words and changes nothing")
    return macro


def fill(macro: Macro, ticket: Ticket, agent: Person) -> str:
    """The text with the words of this ticket in its places, each once: what they bring is looked at for no further."""
    values = {
        Slot.CUSTOMER: ticket.customer.name,
        Slot.TICKET: ticket.tag,
        Slot.AGENT: agent.name,
        Slot.TITLE: ticket.title,
    }
    words = {str(name): " ".join(value.split())[:_LONGEST_VALUE] for name, value in values.items()}
    return _SLOT.sub(lambda place: words.get(place[1], place[0]), macro.text)


def _parted(content: str) -> tuple[list[str], str]:
    """The lines of the header and the text below; what may be a header with a mistake counts as one, which is told."""
    head, _, body = content.partition("\n\n")
    header = [line for line in head.split("\n") if line.strip()]
    if content.startswith("\n") or not any(map(_may_be_header, header)):
        return [], content
    return header, body


def _may_be_header(line: str) -> bool:
    first = _FIRST_WORD.match(line)
    return not _BEHIND_HEADER.isdisjoint(line) or (first is not None and first[1].casefold() in set(Header))


def _with_header(macro: Macro, line: str) -> Macro:
    name, colon, value = (part.strip().lower() for part in line.partition(":"))
    read = _HEADERS.get(name)
    if read is None or not colon:
        known = _listed(Header, "%s")
        raise MacroFailure(
            f'begins with "{line.strip()[:60]}", where a line such as "status: resolved" or an empty one belongs; '
            f"there are {known}"
        )
    return read(macro, value)


def _of(kind: type[StrEnum], header: Header, value: str) -> str:
    if value.replace(" ", "_") not in set(kind):
        raise MacroFailure(f'says "{header}: {value[:40]}", and there are {_listed(kind, "%s")}')
    return value.replace(" ", "_")


def _only(wanted: str, header: Header, value: str) -> bool:
    if value != wanted:
        raise MacroFailure(f'says "{header}: {value[:40]}", and only "{header}: {wanted}" may stand there')
    return True


def _listed(kind: type[StrEnum], form: str) -> str:
    return ", ".join(form % value for value in kind)


_HEADERS: Mapping[str, Callable[[Macro, str], Macro]] = {
    Header.STATUS: lambda macro, value: replace(macro, status=Status(_of(Status, Header.STATUS, value))),
    Header.PRIORITY: lambda macro, value: replace(macro, priority=Priority(_of(Priority, Header.PRIORITY, value))),
    Header.CATEGORY: lambda macro, value: replace(macro, category=Category(_of(Category, Header.CATEGORY, value))),
    Header.ASSIGN: lambda macro, value: replace(macro, mine=_only("me", Header.ASSIGN, value)),
    Header.NOTE: lambda macro, value: replace(macro, note=_only("yes", Header.NOTE, value)),
}
