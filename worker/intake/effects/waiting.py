"""Until when a ticket waits, as `#wait` asks for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desk.commands.each.wait import PutOff
from desk.ticket import Person, Ticket
from models.events.ticket_waits import end_waits, put_off
from worker.intake.effects.deed import Deed
from worker.intake.on_ticket import MailTransaction


def change_wait(transaction: MailTransaction, person: Person, ticket: Ticket | None, effect: PutOff) -> Deed:
    """Let a ticket wait, or wait no longer; what was before is until when it did."""
    if ticket is None:
        return Deed()
    _write(transaction, person, ticket, effect.until)
    return Deed(before={"until": ticket.waits_until.isoformat() if ticket.waits_until else None})


def change_wait_back(
    transaction: MailTransaction, person: Person, ticket: Ticket | None, before: Mapping[str, Any]
) -> bool:
    """Let the ticket wait as it did; False where that time is over by now."""
    until = datetime.fromisoformat(before["until"]) if before["until"] else None
    if ticket is None or (until is not None and until <= transaction.now):
        return False
    _write(transaction, person, ticket, until)
    return True


def _write(transaction: MailTransaction, person: Person, ticket: Ticket, until: datetime | None) -> None:
    if until is None:
        end_waits(transaction.session, [ticket.number])
    else:
        put_off(transaction.session, ticket.number, person.number, until)
