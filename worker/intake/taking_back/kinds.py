"""How each kind of change is taken back: UNDO has a function for each, in the order in which they are told."""

from collections.abc import Mapping
from typing import Any, Final

from desk.commands.merging import merge_pointer
from desk.commands.taking_back import ChangeKind, UndoLine
from desk.notices.events import Field
from desk.ticket import Category, Priority, Status, noun_for
from mail.outbound.catalogue import said
from models.intake.commands import moment_of
from models.intake.put_back import (
    take_comment,
    take_merge_note,
    take_note,
    take_people,
    take_pointers,
)
from models.tickets import rows as tickets
from models.tickets.merging import unmerge_ticket
from models.tickets.rows import known_tickets
from worker.intake.taking_back.deeds import (
    be_absent_as_before,
    circle_as_before,
    opened_stays,
    retry_stays,
    split_stays,
    told_stays,
    wait_as_before,
    watch_as_before,
)
from worker.intake.taking_back.undoing import TakeBackKind, Undoing

TAKEN_OFF: Final = "Comment taken back"


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
    """The ticket is one of its own again, open as it was; where nobody was told of the merge, nothing tells of it."""
    transaction, last, ticket, into = undoing.transaction, undoing.last, undoing.ticket, int(value["into"])
    session, now, actor = transaction.session, transaction.now, undoing.person
    target = known_tickets(session, [into]).get(into)
    if target is None or not unmerge_ticket(session, ticket.number, into, moment_of(session, last)):
        return UndoLine(False, said("undo.merge_stays", target=f"SD-{into}"))
    if ticket.status is Status.CLOSED:
        tickets.set_status(session, ticket, Status(value["was"]), actor, now)
    tickets.add_activity(session, ticket.ticket_id, actor, "updated", f"Merge into SD-{into} taken back", now)
    tickets.add_activity(session, target.ticket.ticket_id, actor, "updated", f"Merge of {last.tag} taken back", now)
    if undoing.words_stay:
        return UndoLine(True, said("undo.merge_told", tag=last.tag, target=f"SD-{into}"))
    renderer, pointer = transaction.services.renderer, merge_pointer(target.ticket)
    take_pointers(session, last, [renderer.words(language).say(pointer) for language in renderer.languages])
    take_merge_note(session, last, into)
    return UndoLine(True, said("undo.merge", tag=last.tag))


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
    ChangeKind.CC: circle_as_before,
    ChangeKind.WAIT: wait_as_before,
    ChangeKind.WATCH: watch_as_before,
    ChangeKind.AWAY: be_absent_as_before,
    ChangeKind.QUARANTINE: retry_stays,
    ChangeKind.TELL: told_stays,
    ChangeKind.SPLIT: split_stays,
    ChangeKind.FOR: opened_stays,
}
