"""What carrying out an effect came to: the sentence where it says otherwise, and what it takes to take it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from desk.ticket import Person, Ticket
from mail.outbound.catalogue import Said
from worker.intake.on_ticket import MailTransaction


@dataclass(frozen=True, slots=True)
class Deed:
    """What an effect did; `refused` is why it did nothing, `instead` takes the place of its command's sentence.

    `before` is JSON by which `TAKE_BACK` takes it back (docs/decisions/0042-what-a-command-writes-is-an-effect.md);
    empty where there is nothing to take back.
    """

    refused: Said | None = None
    instead: Said | None = None
    before: Mapping[str, Any] = field(default_factory=dict)


# Who asks for an effect, and the ticket of their mail, None for a mail off a ticket.
CarryOut = Callable[[MailTransaction, Person, Ticket | None, Any], Deed]
# The transaction of the mail that takes it back, who does, the ticket, and what `Deed.before` held; False where that is
# not possible any longer.
TakeBack = Callable[[MailTransaction, Person, Ticket | None, Mapping[str, Any]], bool]
