"""The people in Cc whom a mail of staff or of the ticket's owner adds to a ticket."""

from desk.commands.command import Circle
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
    guests = known.guests if known else frozenset[str]()
    room = _room(assessment, ticket)
    excluded = {assessment.author.email, *guests, *(candidate.email for candidate in assessment.facts.candidates)}
    own = assessment.policy.own_addresses
    others = (one for one in assessment.mail.cc if one.email not in excluded and not is_ours(one.email, own))
    return tuple(dict.fromkeys(others))[: max(room, 0)]


def circle_of(assessment: Assessment, ticket: Ticket) -> Circle:
    """Who takes part in a ticket besides its customer, those in the Cc of this mail included."""
    known, joining = assessment.known_ticket, new_participants(assessment, ticket)
    people = known.addresses if known else {}
    members = {email for number, email in people.items() if number != ticket.customer.number}
    members |= known.guests if known else frozenset()
    return Circle(
        members=frozenset(members | {one.email for one in joining}),
        room=_room(assessment, ticket) - len({one.email for one in joining} - members),
        own=assessment.policy.own_addresses,
        lists=frozenset().union(*assessment.policy.groups.values()),
    )


def _room(assessment: Assessment, ticket: Ticket | None) -> int:
    """How many more people may take part in a ticket; `ticket` is None for a new one."""
    known = assessment.known_ticket if ticket else None
    taking_part = known.participants if known else frozenset[int]()
    taken = len(taking_part - {ticket.customer.number} if ticket else taking_part)
    return assessment.policy.limits.people_in_cc - taken - (len(known.guests) if known else 0)


def _may_add(assessment: Assessment, ticket: Ticket | None) -> bool:
    """True for staff with full power, and for the ticket's owner where a mail server vouches for them."""
    if assessment.staff is not None:
        return assessment.trust.power is Power.FULL
    owns = ticket is None or (assessment.sender is not None and ticket.customer.number == assessment.sender.number)
    return owns and assessment.trust.power in {Power.FULL, Power.ANSWERED}
