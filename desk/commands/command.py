"""What a command is: who may give it, what it takes, what it asks for, and how that is taken back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import TypeVar

from desk.commands.arguments.macros import Macros
from desk.commands.reading.ask import Ask, Listed
from desk.limits import USUAL, Limits
from desk.routing.route import Candidate
from desk.ticket import Category, Person, Priority, Status, Ticket, noun_for
from mail.outbound.catalogue import Said, said

_E = TypeVar("_E", bound=StrEnum)
_NO_TIME = datetime.min.replace(tzinfo=UTC)


class Effect:
    """What a command asks for beside the fields of a ticket; each kind is a small value in the file of its command."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change on a ticket; None leaves a field alone. `assignee` is a person's number, 0 for nobody.

    `accept` lets the note that was answered be a comment, or else believes who opened the ticket; with `leaves` the
    sender takes part no longer. `merge_into` is the number of the ticket that this one becomes part of. `answer` stands
    below the words of the mail. `effects` are what is no field of the ticket, in reading order. `ask` changes nothing:
    it is what a command's author wants to see.
    """

    status: Status | None = None
    priority: Priority | None = None
    category: Category | None = None
    assignee: int | None = None
    note: bool = False
    accept: bool = False
    leaves: bool = False
    merge_into: int | None = None
    answer: str = ""
    effects: tuple[Effect, ...] = ()
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The answer to one command: its line as written, whether it was carried out, and the sentence for its author.

    An empty line stands for the mail itself, of which its author is told like of a command.
    `detail` is what a command asked for besides, such as its help, by its lines. `ask` is read when the mail is written
    that brings the answer, and then says whether it could be (worker/announce/parts/reading.py). `effects` are those of
    the command, which may be refused when they are written; they are not stored.
    """

    line: str
    done: bool
    sentence: Said
    detail: tuple[Said, ...] = ()
    ask: Ask | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One command line, parsed: the whole line, the name in lower case, and the rest, which may be empty."""

    line: str
    name: str
    argument: str


class Who(StrEnum):
    """By what somebody may give a command; guests take part in somebody else's ticket, and admins are staff, too."""

    ADMIN = "admins"
    STAFF = "staff"
    OWNER = "owner"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Circle:
    """Who takes part in a ticket besides its customer, by address; so many more may as `room` says.

    `own` are the addresses of the desk, `lists` those of groups of people that the settings name.
    """

    members: frozenset[str] = frozenset()
    room: int = 0
    own: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


NO_CIRCLE = Circle()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a command is judged by: its author, the ticket that the mail is about, and the staff of the desk.

    `answers_note` says that the mail answers the mail about a note of somebody who is not staff. `tickets` are those
    that the mail names, by the number in the mail; where that ticket was merged, it is the one where its merges end.
    `now` is in UTC. `alone` says that the mail holds nothing but commands that need no ticket. `reading` is what the
    mail of ours listed or showed that this one answers, None where it was none of those. `circle` is who takes part in
    the ticket, `macros` are the texts of the desk, by name. What `now` is on the author's clock, `zone` says. `below`
    are the words below `#split`.
    """

    person: Person
    ticket: Ticket | None
    staff: Sequence[Candidate]
    answers_note: bool = False
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    now: datetime = _NO_TIME
    limits: Limits = USUAL
    alone: bool = False
    reading: Listed | None = None
    circle: Circle = NO_CIRCLE
    macros: Macros = field(default_factory=dict)
    zone: tzinfo = UTC
    below: str = ""

    @property
    def who(self) -> Who:
        """By what the author gives commands."""
        if self.person.is_staff:
            return Who.ADMIN if self.person.is_admin else Who.STAFF
        return Who.GUEST if self.ticket and self.ticket.customer.number != self.person.number else Who.OWNER


# The changes of all commands up to this one with the sentence that answers it, or why it is refused.
Verdict = tuple[Changes, Said] | Said
# What stands behind the name, the setting, and the changes of the commands before.
Judge = Callable[[str, Setting, Changes], Verdict]


class Needs(StrEnum):
    """What a mail must show before a command counts (docs/security.md#what-a-mail-may-do)."""

    # For staff a live token and a pass; for customers a live token, or a pass.
    FULL = "full power"
    # The word of staff's own mail server is enough; the answer goes to the stored address.
    READ = "a pass"


class Undo(StrEnum):
    """How what a command did is taken back."""

    VALUES = "the values before are put back"
    NOTHING = "it changes nothing"
    STAYS = "it stays, and its author is told so"


def no_detail(argument: str, setting: Setting) -> tuple[Said, ...]:
    """Nothing but the sentence answers the command."""
    return ()


def of_nothing(argument: str) -> bool:
    """Holds of nothing that may stand behind the name."""
    return False


def takes_nothing(argument: str, staff: Collection[str]) -> bool:
    """True where nothing stands behind the name."""
    return not argument


def never_without_sign(argument: str, staff: Collection[str]) -> bool:
    """False: a line that begins with the bare name is a sentence."""
    return False


def takes_member(kind: type[StrEnum]) -> Callable[[str, Collection[str]], bool]:
    """Whether nothing stands behind the name, or one of these words."""

    def fits(argument: str, staff: Collection[str]) -> bool:
        return not argument or member(kind, argument) is not None

    return fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of a mail, with all that is known of it beside its words in the catalogues.

    What is in `who` for staff, admins may give, too. Two say more of what stands behind the name: with `needs_full` it
    needs full power whatever the command `needs`, with `tells` it changes nothing whatever the command does else.

    `takes` is what may stand behind the name, empty for nothing; upper case stands for a value. For customers it is
    `customers_take`, if that is not empty. `fits` says whether a line without its sign was probably meant as this
    command, by what stands behind the name and by how `#assign` may call staff; of customers only lines that fit are
    commands. `anywhere` says that it needs no ticket, `here` that it may be about the one of the mail all the same,
    `internal` that words beside it may be for colleagues, and `after_merge` that it may follow a `#merge`, since it
    changes nothing on the ticket. `in_lists` says that it may stand behind the number of a ticket in a mail about many,
    so that its line is all that it needs. `detail` is what answers it below its sentence, where it is done. What it
    does is the sentence `commands.does_NAME`.
    """

    name: str
    who: tuple[Who, ...]
    judge: Judge
    undo: Undo
    takes: str = ""
    customers_take: str = ""
    example: str = ""
    needs: Needs = Needs.FULL
    anywhere: bool = False
    here: bool = False
    internal: bool = False
    after_merge: bool = False
    in_lists: bool = False
    fits: Callable[[str, Collection[str]], bool] = takes_nothing
    needs_full: Callable[[str], bool] = of_nothing
    tells: Callable[[str], bool] = of_nothing
    detail: Callable[[str, Setting], tuple[Said, ...]] = no_detail

    def is_for(self, who: Who) -> bool:
        """True where this kind of people may give the command."""
        return who in self.who or (who is Who.ADMIN and Who.STAFF in self.who)

    def needs_for(self, argument: str) -> Needs:
        """What a mail must show before the command counts with what stands behind its name."""
        return Needs.FULL if self.needs_full(argument) else self.needs

    def changes_nothing(self, argument: str) -> bool:
        """True where it only tells something, with what stands behind its name."""
        return self.undo is Undo.NOTHING or self.tells(argument)

    @property
    def usage(self) -> str:
        """The command with what it takes."""
        return f"#{self.name} {self.takes}".strip()

    def help_line(self, noun: str) -> Said:
        """The command as one line of the answer to `#help`; `noun` is what its reader calls a ticket."""
        does = said(f"commands.does_{self.name}", noun=noun)
        if noun == "request" and self.customers_take:
            return said("commands.help", usage=f"#{self.name} {self.customers_take}", does=does)
        if not self.takes:
            return said("commands.help", usage=self.usage, does=does)
        return said("commands.help_with_example", usage=self.usage, does=does, example=self.example)


def on_ticket(judge: Callable[[str, Ticket, Setting, Changes], Verdict]) -> Judge:
    """Let a command that is about a ticket be judged where the mail is about one, and refuse it elsewhere."""

    def judged(argument: str, setting: Setting, changes: Changes) -> Verdict:
        if setting.ticket is None:
            return said("commands.needs_ticket")
        return judge(argument, setting.ticket, setting, changes)

    return judged


def member(kind: type[_E], argument: str) -> _E | None:
    """The member that the argument names, in any case and with spaces or dashes for underscores."""
    wanted = argument.casefold().replace(" ", "_").replace("-", "_")
    return next((one for one in kind if one == wanted), None)


def status_change(status: Status, ticket: Ticket, setting: Setting, changes: Changes) -> Verdict:
    """The ticket gets a status that it has not got yet."""
    noun = noun_for(setting.person)
    if ticket.status is status:
        return said(f"commands.already_{status}", noun=noun)
    return replace(changes, status=status), said(f"labels.now_{status}", noun=noun)
