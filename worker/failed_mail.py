"""A mail that could not be delivered is written on its ticket, where the people of the desk see it."""

from sqlalchemy.orm import Session

from desk.notices import BY_TEMPLATE
from models.conversation import add_note
from models.events import add_note_event
from models.outbox import OutboxRow


def note_failure(session: Session, outbox_id: int, reason: str) -> None:
    """Keep an internal note that a customer did not get a mail; its event tells who works on the ticket."""
    row = session.get_one(OutboxRow, outbox_id)
    # News of undelivered staff mail would take the same way that just failed.
    if row.ticket_number is None or BY_TEMPLATE[row.template].to_staff:
        return
    text = f"The mail “{row.subject}” did not reach {row.recipient}.\n{reason}"
    note = add_note(session, row.ticket_number, None, None, (text, "Delivery failed for good."))
    add_note_event(session, row.ticket_number, note, None, None)
