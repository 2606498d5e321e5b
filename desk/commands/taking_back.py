"""`#undo`: whether somebody's last mail may be taken back, and the sentences that say what was put back and what stays.

What a mail changed is kept with the values before (`models/intake/commands.py`); how each kind is taken back is in
`worker/intake/taking_back/kinds.py` (docs/decisions/0041-a-mail-may-be-taken-back.md).
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


# A new value of these is left alone where somebody else gave another one since.
FIELDS: Final = (ChangeKind.STATUS, ChangeKind.PRIORITY, ChangeKind.CATEGORY, ChangeKind.ASSIGNEE)
# These are words of its author.
WORDS: Final = frozenset({ChangeKind.COMMENT, ChangeKind.NOTE})
# What goes with these was told to others for good, so the words beside them stay and are told as well.
LASTING: Final = frozenset({ChangeKind.ACCEPTED, ChangeKind.SENDER, ChangeKind.MERGE})


@dataclass(frozen=True, slots=True)
class LastMail:
    """A mail that changed something on a ticket: its row in the ledger, its author's number, and what was before.

    `before` is by kind; `owner` is the number of who had the ticket afterwards. `age` is by the database's clock.
    """

    id: int
    mail: int
    person: int
    ticket: int
    age: timedelta
    undone: bool
    owner: int | None
    before: Mapping[str, Any]

    @property
    def tag(self) -> str:
        """The ticket as people write it."""
        return f"SD-{self.ticket}"

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
        return said("undo.twice", tag=last.tag)
    if last.age > timedelta(minutes=MINUTES):
        return said("undo.too_old", tag=last.tag, count=MINUTES)
    return None


def why_not_on(last: LastMail, person: Person, ticket: Ticket) -> Said | None:
    """Why a mail cannot be taken back on the ticket as it is now; None where it can.

    Who gave the ticket away by that mail may take that back: nobody else has given it to anybody since.
    """
    owner = ticket.assignee.number if ticket.assignee else None
    is_theirs = may_work_on(person, ticket) if person.is_staff else ticket.customer.number == person.number
    if is_theirs or (person.is_staff and owner == last.owner):
        return None
    return said("undo.not_yours", tag=last.tag)


def answer(line: str, last: LastMail, lines: Sequence[UndoLine]) -> CommandAnswer:
    """The answer to `#undo`, with a line for each thing that the mail had done, and the words that its author gets."""
    done = [one.done for one in lines]
    key = "undo.done" if all(done) else "undo.partly" if any(done) else "undo.nothing_done"
    given_back = (said("formats.plain", text=one.given_back[:MOST_GIVEN_BACK]) for one in lines if one.given_back)
    detail = (*(one.sentence for one in lines), *given_back)
    return CommandAnswer(line, done=any(done), sentence=said(key, tag=last.tag), detail=detail)
