"""How what a command did beside the fields of its ticket is taken back, one deed at a time, or why it stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desk.commands.each.away import Away
from desk.commands.taking_back import UndoLine
from mail.mime.addresses import Address
from mail.outbound.catalogue import said, together
from models.people.roster import read_absence, set_absence
from models.tickets.participants import WatchOutcome, end_watch, watch_ticket
from worker.intake.effects.circle import let_take_part, take_off_ticket
from worker.intake.effects.waiting import write_wait
from worker.intake.taking_back.undoing import Undoing

WHY_AWAY = "They took their last mail back."


def circle_as_before(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    """Who was added takes part no longer, who was taken off does again, where nobody else did the same meanwhile."""
    transaction, number = undoing.transaction, undoing.ticket.number
    gone = [one for one in value["added"] if take_off_ticket(transaction, number, one) is not None]
    back = [one for name, one in value["removed"] if _again(undoing, Address(name, one))]
    sentences = (
        *((said("undo.cc_gone", names=", ".join(gone)),) if gone else ()),
        *((said("undo.cc_back", names=", ".join(back)),) if back else ()),
    )
    return UndoLine(True, together(*sentences)) if sentences else UndoLine(False, said("undo.cc_changed"))


def _again(undoing: Undoing, address: Address) -> bool:
    """Whether somebody takes part again who did not in between."""
    return let_take_part(undoing.transaction, undoing.ticket.number, address, undoing.person.number)


def wait_as_before(undoing: Undoing, value: Mapping[str, str | None]) -> UndoLine:
    """The ticket waits as it did, where it still waits as the mail said and that time is not over."""
    ticket, was = undoing.ticket, _moment(value["was"])
    if ticket.waits_until != _moment(value["is"]):
        return UndoLine(False, said("undo.wait_changed"))
    if was is not None and was <= undoing.transaction.now:
        return UndoLine(False, said("undo.wait_over"))
    write_wait(undoing.transaction, undoing.person, ticket, was)
    return UndoLine(True, said("undo.wait_again") if was else said("undo.wait_ended"))


def watch_as_before(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    """Who began to watch a ticket does so no longer, and who ended it does again."""
    session, person, number = undoing.transaction.session, undoing.person.number, value["ticket"]
    tag = f"SD-{number}"
    if not value["watched"]:
        ended = end_watch(session, number, person)
        return UndoLine(ended, said("undo.watch_ended", tag=tag) if ended else said("undo.watch_ended_since", tag=tag))
    match watch_ticket(session, number, person):
        case WatchOutcome.NOW:
            return UndoLine(True, said("undo.watch_again", tag=tag))
        case WatchOutcome.BEFORE:
            return UndoLine(False, said("undo.watch_since", tag=tag))
        case WatchOutcome.GONE:
            return UndoLine(False, said("undo.watch_nowhere", tag=tag))


def be_absent_as_before(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    """Who said to be away or back, or of whom an admin did, is as before, where nothing else was said since."""
    session, now = undoing.transaction.session, undoing.transaction.now
    person, name = value.get("who", undoing.person.number), value.get("name")
    if name and not undoing.person.is_admin:
        return UndoLine(False, said("writing.others_are_for_admins"))
    if read_absence(session, person) != _moment(value["is"]):
        return UndoLine(False, said("undo.away_of_changed", name=name) if name else said("undo.away_changed"))
    was = _moment(value["was"])
    until = was if was is not None and was > now else now
    set_absence(session, person, Away(until, WHY_AWAY))
    if name:
        day = f"{until:%Y-%m-%d}"
        again = said("undo.away_of_again", name=name, day=day) if until > now else said("undo.away_of_ended", name=name)
        return UndoLine(True, again)
    if until > now:
        return UndoLine(True, said("undo.away_again", day=f"{until:%Y-%m-%d}"))
    return UndoLine(True, said("undo.away_ended"))


def retry_stays(undoing: Undoing, value: Mapping[str, int]) -> UndoLine:
    """A mail that was tried again is on its way through intake."""
    return UndoLine(False, said("undo.retry_stays", number=str(value["mail"])))


def told_stays(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    """Who was told of a ticket knows of it."""
    return UndoLine(False, said("undo.tell_stays", email=undoing.ticket.customer.email))


def split_stays(undoing: Undoing, value: Mapping[str, int]) -> UndoLine:
    """A ticket that was opened is there."""
    return UndoLine(False, said("undo.split_stays", tag=f"SD-{value['ticket']}"))


def opened_stays(undoing: Undoing, value: Mapping[str, Any]) -> UndoLine:
    """A ticket that was opened for who phoned is there."""
    return UndoLine(False, said("undo.for_stays", tag=undoing.last.tag))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
