"""What has to be known of a mail to take it back, and what takes back one kind of what it changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk.commands.taking_back import LastMail, UndoLine
from desk.notices.events import Field
from desk.ticket import Person, Ticket, noun_for
from mail.outbound.catalogue import said
from models.intake.put_back import changed_since
from worker.intake.on_ticket import MailTransaction


@dataclass(frozen=True, slots=True)
class Undoing:
    """A mail that is being taken back by its author `person`, on its ticket as it is now, or off one.

    `is_out` says that others were told of it by us; `along` are the addresses that got the mail itself. Where
    `words_stay`, what it said to them stays on the ticket.
    """

    transaction: MailTransaction
    last: LastMail
    person: Person
    found: Ticket | None
    is_out: bool
    along: tuple[str, ...]
    words_stay: bool

    @property
    def ticket(self) -> Ticket:
        """The ticket of what is taken back on one; raises LookupError off a ticket."""
        if self.found is None:
            raise LookupError("What is done off a ticket has no ticket.")
        return self.found

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
