"""A mail that could not be delivered is written on its ticket, where the people of the desk see it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desk.limits import Limits
from desk.notices.events import Alert, AlertKey
from desk.notices.recipients import BY_TEMPLATE
from mail.outbound.catalogue import said
from models.db.clock import read_now
from models.events.rows import add_alert, add_alert_once, add_note_event
from models.outbox.rows import OutboxRow
from models.outbox.suppression import suppress_if_free
from models.outbox.undelivered import State, drop
from models.people.rows import find_person
from models.tickets.notes import NewNote, add_note

TOLD_AGAIN_AFTER = timedelta(days=1)


def note_failure(session: Session, outbox_id: int, reason: str) -> None:
    """Keep an internal note that a customer did not get a mail, and its event, which tells the staff of the ticket.

    Of a mail to staff the admins are told, once a day for each ticket: somebody shall always see it.
    """
    row = session.get_one(OutboxRow, outbox_id)
    if row.ticket_number is None:
        return
    if BY_TEMPLATE[row.template].to_staff:
        _tell_admins(session, row)
        return
    text = f"The mail “{row.subject}” did not reach {row.recipient}.\n{reason}"
    note = add_note(session, NewNote(ticket=row.ticket_number, text=text, reason="A mail was not delivered."))
    add_note_event(session, row.ticket_number, note, None, None)


def drop_by_command(session: Session, outbox_id: int) -> State | None:
    """Decide that a mail is never sent; a customer's that waited is noted on its ticket. The state that it was in."""
    state = drop(session, outbox_id)
    if state is State.WAITING:
        note_failure(session, outbox_id, "It was dropped by command.")
    return state


def _tell_admins(session: Session, row: OutboxRow) -> None:
    """Tell the admins, in words of ours alone, that news of a ticket did not reach its reader.

    News of undelivered staff mail takes the same way that just failed; an alert that fails too is about no ticket, and
    ends here.
    """
    tag = f"SD-{row.ticket_number}"
    sentence = said("admins.news", tag=tag, address=row.recipient)
    advice = said("admins.news_advice", tag=tag, number=str(row.id))
    alert = Alert(AlertKey.NEWS, said("admins.news_title", tag=tag), sentence, advice, (tag,))
    add_alert_once(session, alert, read_now(session) - TOLD_AGAIN_AFTER)


def suppress_unknown(session: Session, outbox_id: int, reason: str, limits: Limits) -> None:
    """Suppress the recipient of a mail for `suppressed_days`, since their server has no such mailbox."""
    until = read_now(session) + timedelta(days=limits.suppressed_days)
    suppress_address(session, session.get_one(OutboxRow, outbox_id).recipient, reason, until)


def suppress_address(session: Session, address: str, reason: str, until: datetime) -> None:
    """Suppress an address until then, with an alert for the admins where somebody of staff has it."""
    if not suppress_if_free(session, address, reason, until):
        return
    person = find_person(session, address)
    if person and person.is_staff:
        sentence = said("admins.unreachable", address=address, day=f"{until:%Y-%m-%d}", reason=reason)
        title = said("admins.unreachable_title", name=person.name)
        add_alert(session, Alert(AlertKey.UNREACHABLE, title, sentence, said("admins.unreachable_advice")))
