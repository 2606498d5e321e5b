"""`#undo`: whether somebody's last mail may be taken back, and the sentences that say what was put back and what stays.

What a mail changed is kept with the values before (`models/intake/commands.py`); how each kind is taken back is in
`worker/intake/taking_back/kinds.py` (docs/decisions/0044-a-mail-may-be-taken-back.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from desk.commands.command import CommandAnswer
from desk.commands.merging import may_work_on
from desk.ticket import Person, Ticket
from mail.outbound.catalogue import Said, said

# So long after a mail its author may take it back.
MINUTES: Final = 30
NOTHING: Final = said("undo.nothing")
# So many characters of an answer or note does its author get back.
MOST_GIVEN_BACK: Final = 20_000


class ChangeKind(StrEnum):
    """What a mail changed; a value is a key in the database and never changes."""

    COMMENT = "comment"
    NOTE = "note"
    STATUS = "status"
    PRIORITY = "priority"
    CATEGORY = "category"
    ASSIGNEE = "assignee"
    PEOPLE = "people"
    ACCEPTED = "accepted"
    SENDER = "sender"
    MERGE = "merge"
    CC = "cc"
    WATCH = "watch"
    WAIT = "wait"
    AWAY = "away"
    QUARANTINE = "quarantine"
    TELL = "tell"
    SPLIT = "split"
    FOR = "for"


class Whole(StrEnum):
    """What became of a mail as a whole, by the names of the sentences that say so."""

    DONE = "done"
    PARTLY = "partly"
    NOTHING_DONE = "nothing_done"
    TWICE = "twice"
    TOO_OLD = "too_old"


# A new value of these is left alone where somebody else gave another one since.
FIELDS: Final = (ChangeKind.STATUS, ChangeKind.PRIORITY, ChangeKind.CATEGORY, ChangeKind.ASSIGNEE)
# These are words of its author.
WORDS: Final = frozenset({ChangeKind.COMMENT, ChangeKind.NOTE})
# What goes with these was told to others for good, so the words beside them stay and are told as well.
LASTING: Final = frozenset({ChangeKind.ACCEPTED, ChangeKind.SENDER, ChangeKind.TELL, ChangeKind.FOR})
# These are about their author, whosever the ticket is.
PERSONAL: Final = frozenset({ChangeKind.WATCH, ChangeKind.AWAY, ChangeKind.QUARANTINE})
# A mail may do these more than once, so that of each there is a list, in the order in which they were done.
DEEDS: Final = frozenset(
    {
        ChangeKind.CC,
        ChangeKind.WATCH,
        ChangeKind.WAIT,
        ChangeKind.AWAY,
        ChangeKind.QUARANTINE,
        ChangeKind.TELL,
        ChangeKind.SPLIT,
        ChangeKind.FOR,
    }
)


@dataclass(frozen=True, slots=True)
class LastMail:
    """A mail that changed something: its row in the ledger, its author's number, and what was before.

    `ticket` is None for what it did off a ticket. `before` is by kind; `owner` is the number of who had the ticket
    afterwards. `age` is by the database's clock.
    """

    id: int
    mail: int
    person: int
    ticket: int | None
    age: timedelta
    undone: bool
    owner: int | None
    before: Mapping[str, Any]

    @property
    def tag(self) -> str:
        """The ticket as people write it."""
        return f"SD-{self.ticket}"

    def told(self, what: Whole, **values: int) -> Said:
        """What became of this mail as a whole, by its ticket if it has one."""
        if self.ticket is None:
            return said(f"undo.{what}_off_ticket", **values)
        return said(f"undo.{what}", tag=self.tag, **values)

    def values(self, kind: ChangeKind) -> tuple[Any, ...]:
        """What is kept of a kind, the last deed first; empty where the mail did nothing of it."""
        if kind not in self.before:
            return ()
        return tuple(reversed(self.before[kind])) if kind in DEEDS else (self.before[kind],)

    @property
    def merged_into(self) -> int | None:
        """The ticket into which this very mail merged it, by number."""
        merge = self.before.get(ChangeKind.MERGE)
        return merge["into"] if merge else None


@dataclass(frozen=True, slots=True)
class UndoLine:
    """One line of the answer to `#undo`: what was put back, or what stays (`done` is False) and why.

    `given_back` is the text of an answer or note that is there no longer.
    """

    done: bool
    sentence: Said
    given_back: str = ""


def why_not(last: LastMail, person: Person, author: str) -> Said | None:
    """Why a mail is too late to be taken back, whatever became of its ticket; None where it is not.

    `author` is the name of who wrote it. What staff did there is no customer's to know.
    """
    if last.person != person.number:
        return said("undo.of_another", tag=last.tag, name=author) if person.is_staff else NOTHING
    if last.undone:
        return last.told(Whole.TWICE)
    if last.age > timedelta(minutes=MINUTES):
        return last.told(Whole.TOO_OLD, count=MINUTES)
    return None


def why_not_on(last: LastMail, person: Person, ticket: Ticket) -> Said | None:
    """Why a mail cannot be taken back on the ticket as it is now; None where it can.

    Who gave the ticket away by that mail may take that back: nobody else has given it to anybody since.
    """
    owner = ticket.assignee.number if ticket.assignee else None
    if last.before and set(last.before) <= PERSONAL:
        return None
    is_theirs = may_work_on(person, ticket) if person.is_staff else ticket.customer.number == person.number
    if is_theirs or (person.is_staff and owner == last.owner):
        return None
    return said("undo.not_yours", tag=last.tag)


def answer(line: str, last: LastMail, lines: Sequence[UndoLine]) -> CommandAnswer:
    """The answer to `#undo`, with a line for each thing that the mail had done, and the words that its author gets."""
    done = [one.done for one in lines]
    what = Whole.DONE if all(done) else Whole.PARTLY if any(done) else Whole.NOTHING_DONE
    given_back = (said("formats.plain", text=one.given_back[:MOST_GIVEN_BACK]) for one in lines if one.given_back)
    detail = (*(one.sentence for one in lines), *given_back)
    return CommandAnswer(line, done=any(done), sentence=last.told(what), detail=detail)
