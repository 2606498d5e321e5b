"""Who takes part in a ticket because a mail of its owner or of staff named them in Cc."""

from desk.intake.assessment import Assessment
from desk.ticket import Ticket
from desk.tokens import is_ours
from desk.trust.judge import Power
from mail.inbound.message import MailKind
from mail.mime.addresses import Address

# So many people besides its customer get the answers of a ticket (docs/security.md#what-a-mail-may-do).
MOST_IN_CC = 10


def new_participants(assessment: Assessment, ticket: Ticket | None) -> tuple[Address, ...]:
    """The people in Cc whom the mail adds to a ticket, None for the one that it opens.

    None where its sender may not add anybody, or a list passed it on.
    """
    if assessment.mail.kind is not MailKind.PERSON or not _may_add(assessment, ticket):
        return ()
    taking_part = assessment.known_ticket.participants if ticket and assessment.known_ticket else frozenset[int]()
    room = MOST_IN_CC - len(taking_part - {ticket.customer.number} if ticket else taking_part)
    known, own = (
        {assessment.author.email, *(one.email for one in assessment.facts.candidates)},
        assessment.policy.own_addresses,
    )
    others = (one for one in assessment.mail.cc if one.email not in known and not is_ours(one.email, own))
    return tuple(dict.fromkeys(others))[: max(room, 0)]


def _may_add(assessment: Assessment, ticket: Ticket | None) -> bool:
    """Staff with full power may, and the ticket's owner, whom their mail server vouches for."""
    if assessment.staff is not None:
        return assessment.trust.power is Power.FULL
    owns = ticket is None or (assessment.sender is not None and ticket.customer.number == assessment.sender.number)
    return owns and assessment.trust.power in {Power.FULL, Power.ANSWERED}
