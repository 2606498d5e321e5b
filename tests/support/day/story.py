"""A day by mail as a table: who writes what to what, and which mails must then lie in whose inbox; nothing else may."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# The fate of a mail that is not decided yet.
WAITS = "waits"
DESK = "support@desk.example"
# Which ticket a mail is about, in a text or phrase: {printer} is the SD-12 of the ticket that the story calls so.
NAMED = re.compile(r"\{([a-z]+)\}")
# A line that a person wrote as a command, and one that names a ticket of a list with what is to happen to it.
COMMAND = re.compile(r"#[a-z]|(?:(?:SD-)?\d+|\{[a-z]+\}) #[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes mails: the number of their mail program in the table of programs, and their signature."""

    name: str
    address: str
    program: int
    signature: tuple[str, ...] = ()
    staff: bool = False

    @property
    def first(self) -> str:
        """By what the story calls them."""
        return self.name.partition(" ")[0].lower()


@dataclass(frozen=True, slots=True)
class Told:
    """A mail of the desk in an inbox: whose, of which template, about which ticket, and words that stand in it."""

    reader: str
    template: str
    about: str | None
    says: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str | None]:
        """By what it is expected."""
        return self.reader, self.template, self.about

    def __str__(self) -> str:
        """The mail in a few words."""
        return f"{self.template} to {self.reader} about {self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail that a person writes, and the mails of the desk that must come of it.

    With `answers` it answers the last mail of that template that its author has about `about`; with `presses` it is
    what a mail program sends after a touch on the link of that name in it; with `of` the mail came to that person, who
    passed it on. What is written is on the ticket `on`, which is `about` unless it is said. A mail with a `subject` is
    a new one.
    `opens` names the tickets that come of it, in order. `internal` says that none of its words may reach a customer.
    `lines` are the lines that the desk answers as commands where these are others than the lines with a sign.
    `vouched` says that our mail server found that the mail is from its sender's own.
    """

    by: str
    text: str
    told: tuple[Told, ...]
    subject: str = ""
    about: str | None = None
    answers: str = ""
    presses: str = ""
    of: str = ""
    on: str | None = None
    opens: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    internal: bool = False
    lines: tuple[str, ...] | None = None
    fate: str = "applied"
    vouched: bool = True

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that must each be answered once."""
        if self.lines is not None:
            return self.lines
        return tuple(line for line in self.text.splitlines() if COMMAND.match(line))


@dataclass(frozen=True, slots=True)
class Wave:
    """Mails of one moment, none of which depends on another one; `held` says that answers to customers still wait."""

    name: str
    letters: tuple[Letter, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """So many minutes go by in which nobody writes, and the mails that come of that alone."""

    minutes: int
    told: tuple[Told, ...] = ()
    opens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day: its people, whose words which customers may read by ticket, and what happens."""

    people: tuple[Person, ...]
    parties: Mapping[str, frozenset[str]]
    steps: tuple[Wave | Later, ...] = field(default=())

    def person(self, first: str) -> Person:
        """The person of that name."""
        return next(one for one in self.people if one.first == first)

    @property
    def letters(self) -> tuple[Letter, ...]:
        """All mails of the day."""
        return tuple(letter for step in self.steps if isinstance(step, Wave) for letter in step.letters)


def told(reader: str, template: str, *says: str, about: str | None = "") -> Told:
    """A mail that must come, about the ticket of the letter where it says no other; None is no ticket."""
    return Told(reader, template, about, says)


def new(by: str, subject: str, text: str, *mails: Told, opens: str = "", **more: object) -> Letter:
    """A new mail to the desk; it may open a ticket, which the story calls `opens` from then on."""
    letter = Letter(by=by, text=text, told=mails, subject=subject, opens=(opens,) if opens else (), **more)  # type: ignore[arg-type]
    return _about(letter, opens or None)


def answer(by: str, template: str, about: str | None, text: str, *mails: Told, **more: object) -> Letter:
    """An answer to a mail of the desk."""
    return _about(Letter(by=by, text=text, told=mails, about=about, answers=template, **more), about)  # type: ignore[arg-type]


def press(by: str, template: str, about: str | None, link: str, *mails: Told, **more: object) -> Letter:
    """A touch on a button; `text` is typed above what stands in its mail, and its command is in `lines`."""
    more = {"text": "", **more}
    return _about(Letter(by=by, told=mails, about=about, answers=template, presses=link, **more), about)  # type: ignore[arg-type]


def wave(name: str, *letters: Letter, held: bool = False) -> Wave:
    """Mails of one moment."""
    return Wave(name, letters, held)


def _about(letter: Letter, about: str | None) -> Letter:
    about = letter.on or about
    mails = tuple(replace(one, about=about) if one.about == "" else one for one in letter.told)
    return replace(letter, told=mails, on=about)
