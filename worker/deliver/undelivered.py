"""A mail that could not be delivered is written on its ticket, where the people of the desk see it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desk.notices.events import Alert
from desk.notices.recipients import BY_TEMPLATE
from models.db.clock import read_now
from models.events.rows import add_alert, add_alert_once, add_note_event
from models.outbox.rows import OutboxRow
from models.outbox.suppression import suppress_if_free
from models.people.rows import find_person
from models.tickets.notes import NewNote, add_note

# People leave and come back, and a server may be wrong about who is there.
SUPPRESSED_FOR = timedelta(days=30)
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


def _tell_admins(session: Session, row: OutboxRow) -> None:
    """Tell the admins, in words of ours alone, that news of a ticket did not reach its reader.

    News of undelivered staff mail takes the same way that just failed; an alert that fails too is about no ticket, and
    ends here.
    """
    tag = f"SD-{row.ticket_number}"
    sentence = f"A mail about {tag} did not reach {row.recipient}, so perhaps nobody has seen its news."
    advice = f"Look at {tag}; `supportdesk outbox show {row.id}` says why, and `outbox retry` sends the mail again."
    add_alert_once(
        session, Alert(f"News of {tag} did not arrive", sentence, advice), read_now(session) - TOLD_AGAIN_AFTER
    )


def suppress_unknown(session: Session, outbox_id: int, reason: str) -> None:
    """Suppress the recipient of a mail for SUPPRESSED_FOR, since their server has no such mailbox."""
    until = read_now(session) + SUPPRESSED_FOR
    suppress_address(session, session.get_one(OutboxRow, outbox_id).recipient, reason, until)


def suppress_address(session: Session, address: str, reason: str, until: datetime) -> None:
    """Suppress an address until then, with an alert for the admins where somebody of staff has it."""
    if not suppress_if_free(session, address, reason, until):
        return
    person = find_person(session, address)
    if person and person.is_staff:
        sentence = f"Mails to {address} come back, so it gets none until {until:%Y-%m-%d}. {reason}"
        advice = "Give their tickets to somebody else, or mend the address and take it off the suppression list."
        add_alert(session, Alert(f"{person.name} cannot be reached", sentence, advice))
