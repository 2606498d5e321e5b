"""How each kind of change is taken back: UNDO has a function for each, in the order in which they are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from desk.commands.taking_back import ChangeKind, LastMail, UndoLine
from desk.notices.events import Field
from desk.ticket import Category, Person, Priority, Status, Ticket, noun_for
from mail.outbound.catalogue import said
from models.intake.put_back import changed_since, take_comment, take_note, take_people
from models.tickets import rows as tickets
from worker.intake.on_ticket import MailTransaction

TAKEN_OFF: Final = "Comment taken back"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A mail that is being taken back by its author `person`, on its ticket as it is now.

    `is_out` says that others were told of it by us; `along` are the addresses that got the mail itself. Where
    `words_stay`, what it said to them stays on the ticket.
    """

    transaction: MailTransaction
    last: LastMail
    person: Person
    ticket: Ticket
    is_out: bool
    along: tuple[str, ...]
    words_stay: bool

    def changed_by_others(self, field: Field, activity: str, *, is_same: bool) -> UndoLine | None:
        """The line that a field stays, where somebody changed it since; `is_same` says that it is as the mail left it.

        `activity` is what the line of the ticket's history about such a change is like.
        """
        changed, name = changed_since(self.transaction.session, self.last, field, activity)
        if is_same and not changed:
            return None
        # Customers read no name: what is done about a request is the desk's, not its people's.
        if name and self.person.is_staff:
            return UndoLine(False, said(f"undo.{field}_changed_by", name=name))
        return UndoLine(False, said(f"undo.{field}_changed", noun=noun_for(self.person)))


# What the value is that `mail.command` keeps of a kind stands in desk/commands/values_before.py.
TakeBackKind = Callable[[Undoing, Any], UndoLine]


def _words(undoing: Undoing, text: str | None) -> UndoLine:
    if text is None:
        return UndoLine(False, said("undo.words_gone"))
    return UndoLine(True, said("undo.words_taken"), text)


def _words_stay(undoing: Undoing) -> UndoLine:
    if undoing.is_out:
        return UndoLine(False, said("undo.words_out"))
    if undoing.along:
        return UndoLine(False, said("undo.words_along", words=", ".join(undoing.along)))
    return UndoLine(False, said("undo.words_bound"))


def _comment(undoing: Undoing, comment: str) -> UndoLine:
    if undoing.words_stay:
        return _words_stay(undoing)
    transaction, ticket = undoing.transaction, undoing.ticket
    line = _words(undoing, take_comment(transaction.session, undoing.last, comment))
    if line.done:
        tickets.add_activity(
            transaction.session, ticket.ticket_id, undoing.person, "updated", TAKEN_OFF, transaction.now
        )
    return line


def _note(undoing: Undoing, note: int) -> UndoLine:
    if undoing.words_stay:
        return _words_stay(undoing)
    return _words(undoing, take_note(undoing.transaction.session, undoing.last, note))


def _status(undoing: Undoing, value: Mapping[str, str]) -> UndoLine:
    ticket, noun = undoing.ticket, noun_for(undoing.person)
    is_same = ticket.status == value["is"]
    if line := undoing.changed_by_others(Field.STATUS, "Status changed from %", is_same=is_same):
        return line
    wanted = Status(value["by_words" if undoing.words_stay else "was"])
    if wanted is ticket.status:
        return UndoLine(False, said("undo.status_by_words", status=said(f"labels.status_{wanted}"), noun=noun))
    transaction = undoing.transaction
    tickets.set_status(transaction.session, ticket, wanted, undoing.person, transaction.now)
    return UndoLine(True, said("undo.status", status=said(f"labels.status_{wanted}"), noun=noun))


def _priority(undoing: Undoing, value: Mapping[str, str]) -> UndoLine:
    transaction, is_same = undoing.transaction, undoing.ticket.priority == value["is"]
    if line := undoing.changed_by_others(Field.PRIORITY, "Priority changed from %", is_same=is_same):
        return line
    was = Priority(value["was"])
    tickets.set_priority(transaction.session, undoing.ticket, was, undoing.person, transaction.now)
    return UndoLine(True, said("undo.priority", value=said(f"labels.priority_{was}")))


def _category(undoing: Undoing, value: Mapping[str, str]) -> UndoLine:
    transaction, is_same = undoing.transaction, undoing.ticket.category == value["is"]
    if line := undoing.changed_by_others(Field.CATEGORY, "Category changed from %", is_same=is_same):
        return line
    was = Category(value["was"])
    tickets.set_category(transaction.session, undoing.ticket, was, undoing.person, transaction.now)
    return UndoLine(True, said("undo.category", value=said(f"labels.category_{was}")))


def _assignee(undoing: Undoing, value: Mapping[str, int | None]) -> UndoLine:
    transaction, owner = undoing.transaction, undoing.ticket.assignee
    is_same = (owner.number if owner else None) == value["is"]
    if line := undoing.changed_by_others(Field.ASSIGNEE, "Ticket %assigned", is_same=is_same):
        return line
    former = transaction.find_colleague(value["was"])
    if value["was"] is not None and former is None:
        return UndoLine(False, said("undo.former_gone"))
    tickets.set_assignee(transaction.session, undoing.ticket, former, undoing.person, transaction.now)
    return UndoLine(True, said("undo.assignee", name=former.name) if former else said("undo.assignee_nobody"))


def _people(undoing: Undoing, value: bool) -> UndoLine:
    count = take_people(undoing.transaction.session, undoing.last)
    if not count:
        return UndoLine(False, said("undo.people_gone"))
    return UndoLine(True, said("undo.people", count=count))


def _accepted(undoing: Undoing, value: bool) -> UndoLine:
    return UndoLine(False, said("undo.accepted_stays"))


def _sender(undoing: Undoing, value: bool) -> UndoLine:
    return UndoLine(False, said("undo.sender_stays"))


def _merge(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    # Where a merge can be taken back, that is done here, and its kind is LASTING no longer.
    return UndoLine(False, said("undo.merge_stays", target=f"SD-{value['into']}"))


UNDO: Final[Mapping[ChangeKind, TakeBackKind]] = {
    ChangeKind.COMMENT: _comment,
    ChangeKind.NOTE: _note,
    ChangeKind.STATUS: _status,
    ChangeKind.PRIORITY: _priority,
    ChangeKind.CATEGORY: _category,
    ChangeKind.ASSIGNEE: _assignee,
    ChangeKind.PEOPLE: _people,
    ChangeKind.ACCEPTED: _accepted,
    ChangeKind.SENDER: _sender,
    ChangeKind.MERGE: _merge,
}
