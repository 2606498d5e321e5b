"""What carrying out an effect came to: the sentence where it says otherwise, and what it takes to take it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desk.ticket import Person, Ticket
from mail.outbound.catalogue import Said
from worker.intake.on_ticket import MailTransaction


@dataclass(frozen=True, slots=True)
class Deed:
    """What an effect did; `refused` is why it did nothing, `instead` takes the place of its command's sentence.

    `before` is JSON by which `#undo` takes it back, or tells that it stays
    (docs/decisions/0041-what-a-command-writes-is-an-effect.md); None where nothing was done that lasts.
    """

    refused: Said | None = None
    instead: Said | None = None
    before: Mapping[str, Any] | None = None


# Who asks for an effect, and the ticket of their mail, None for a mail off a ticket.
CarryOut = Callable[[MailTransaction, Person, Ticket | None, Any], Deed]
