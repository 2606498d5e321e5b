"""Until when a ticket waits, as `#wait` asks for it."""

from datetime import datetime

from desk.commands.each.wait import PutOff
from desk.ticket import Person, Ticket
from models.events.ticket_waits import end_waits, put_off
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def change_wait(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: PutOff) -> Deed:
    """Let a ticket wait, or wait no longer; what is kept is until when it `was` waiting, and `is`."""
    if ticket is None:
        return Deed()
    write_wait(transaction, person, ticket, effect.until)
    was, until = (moment.isoformat() if moment else None for moment in (ticket.waits_until, effect.until))
    return Deed(before={"was": was, "is": until})


def write_wait(transaction: MailTransaction, person: Person, ticket: Ticket, until: datetime | None) -> None:
    """Let a ticket wait until a moment in UTC, or no longer."""
    if until is None:
        end_waits(transaction.session, [ticket.number])
    else:
        put_off(transaction.session, ticket.number, person.number, until)
