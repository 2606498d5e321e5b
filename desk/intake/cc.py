"""The people in Cc whom a mail of staff or of the ticket's owner adds to a ticket."""

from desk.intake.assessment import Assessment
from desk.ticket import Ticket
from desk.tokens import is_ours
from desk.trust.judge import Power
from mail.inbound.message import MailKind
from mail.mime.addresses import Address


def new_participants(assessment: Assessment, ticket: Ticket | None) -> tuple[Address, ...]:
    """The people in Cc whom the mail adds to a ticket; `ticket` is None for a new one.

    So many as `people_in_cc` besides its customer get the answers of a ticket (docs/security.md#what-a-mail-may-do).
    Empty where the sender may not add anybody, or where a mailing list or a program sent the mail.
    """
    if assessment.mail.kind is not MailKind.PERSON or not _may_add(assessment, ticket):
        return ()
    known = assessment.known_ticket if ticket else None
    taking_part, guests = (known.participants, known.guests) if known else (frozenset[int](), frozenset[str]())
    taken = len(guests) + len(taking_part - {ticket.customer.number} if ticket else taking_part)
    room = assessment.policy.limits.people_in_cc - taken
    excluded = {assessment.author.email, *guests, *(candidate.email for candidate in assessment.facts.candidates)}
    own = assessment.policy.own_addresses
    others = (one for one in assessment.mail.cc if one.email not in excluded and not is_ours(one.email, own))
    return tuple(dict.fromkeys(others))[: max(room, 0)]


def _may_add(assessment: Assessment, ticket: Ticket | None) -> bool:
    """True for staff with full power, and for the ticket's owner where a mail server vouches for them."""
    if assessment.staff is not None:
        return assessment.trust.power is Power.FULL
    owns = ticket is None or (assessment.sender is not None and ticket.customer.number == assessment.sender.number)
    return owns and assessment.trust.power in {Power.FULL, Power.ANSWERED}
