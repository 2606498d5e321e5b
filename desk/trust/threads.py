"""Which ticket a mail belongs to, by evidence: the strongest first, and the sender must fit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from desk.commands.merging import may_work_on, read_number
from desk.commands.parser import parse_reply
from desk.facts import Facts, Policy
from desk.ticket import Person, Role
from desk.tokens import Claim, Grant, Purpose, is_ours, proves, read_address, read_message_id, read_references
from mail.inbound.message import InboundMail

TAG = re.compile(r"\[SD-(\d{1,18})\]", re.IGNORECASE)
MOST_TAGS = 3


class ThreadEvidence(StrEnum):
    """What ties a mail to a ticket, strongest first."""

    REPLY_ADDRESS = "signed reply address"
    OUR_MESSAGE_ID = "signed Message-ID of ours"
    KNOWN_MESSAGE_ID = "known Message-ID"
    QUOTED_REFERENCE = "signed reference in the quoted text"
    SUBJECT_TAG = "subject tag"


class Void(StrEnum):
    """Why a signed right gives its sender nothing."""

    ANOTHERS = "it was given to somebody else"
    GONE = "the person it was given to is no longer here"
    ADDRESS = "the person's address has changed since"
    EXPIRED = "it has expired"
    SPENT = "others have seen it since"
    ROLE = "the person's role has changed since"
    BY_FORM = "a web form proves nothing of who filled it in"
    MERGED = "the ticket that it was merged into is not theirs"


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail belongs.

    `fits` says that the sender may speak there by this evidence; `grant` is the signed right that was shown, and
    `void` why it proves nothing; `sentence` is the reason as it is stored and shown.
    """

    number: int | None
    evidence: ThreadEvidence | None = None
    fits: bool = False
    grant: Grant | None = None
    void: Void | None = None
    sentence: str = "Nothing in the mail names a ticket."


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A signed right that a mail shows, where it shows it, and why it gives its sender nothing, if it does not."""

    grant: Grant
    evidence: ThreadEvidence
    void: Void | None

    @property
    def rank(self) -> int:
        """Which right decides, the lowest first: the sender's own, then, as after an answer to all, somebody else's."""
        return 0 if self.void is None else 1 if self.void is Void.ANOTHERS else 2


def address_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """The signatures in the addresses that the mail was sent to."""
    found = (read_address(address, own_addresses) for address in mail.recipients)
    return tuple(claim for claim in found if claim)


def message_id_claims(mail: InboundMail) -> tuple[Claim, ...]:
    """The signatures in the Message-IDs that the mail refers to, nearest first."""
    found = (read_message_id(identifier) for identifier in mail.refers)
    return tuple(claim for claim in found if claim)


def envelope_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """The signatures in the addresses that the mail was sent to, read as envelope senders of ours."""
    found = (read_address(address, own_addresses, Purpose.ENVELOPE) for address in mail.recipients)
    return tuple(claim for claim in found if claim)


def reference_claims(mail: InboundMail) -> tuple[Claim, ...]:
    """The signed references that stand in the mail's text, quotes included."""
    return read_references(mail.removed) or read_references(mail.text)


def all_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """Every signature that the mail shows anywhere, the one that a bounce quotes among them."""
    quoted = read_message_id(mail.bounce.original_message_id or "") if mail.bounce else None
    bounced = (*envelope_claims(mail, own_addresses), *((quoted,) if quoted else ())) if mail.bounce else ()
    return (*address_claims(mail, own_addresses), *message_id_claims(mail), *bounced, *reference_claims(mail))


def subject_tags(subject: str) -> tuple[int, ...]:
    """The ticket numbers that stand as tags in a subject."""
    return tuple(int(number) for number in TAG.findall(subject)[:MOST_TAGS])


def tickets_to_merge_into(mail: InboundMail) -> tuple[int, ...]:
    """The ticket numbers that commands in the mail's own words name; they count only where staff wrote them."""
    orders = (order for order in parse_reply(mail.reply, staff=True).orders if order.name == "merge")
    return tuple(number for order in orders if (number := read_number(order.argument)))[:MOST_TAGS]


def effective_role(person: Person) -> Role:
    """The role that mail.staff and the "User" row agree on; a customer's where they do not."""
    return person.staff_role if person.staff_role and person.is_staff else Role.CUSTOMER


def why_void(grant: Grant, author: str, facts: Facts) -> Void | None:
    """Why a grant gives the sender at this address nothing; None where it is theirs and alive."""
    sender = facts.sender
    if sender is None or grant.person != sender.number:
        # Whoever has the address of somebody who was deleted, or who moved on from it, is not somebody else's helper.
        return Void.GONE if grant.address == author else Void.ANOTHERS
    return next((void for void, is_so in _reasons(grant, sender, facts) if is_so), None)


def _ends_elsewhere(grant: Grant, sender: Person, facts: Facts) -> bool:
    """True where its ticket was merged into one that the sender has no part in: no right grows by a merge."""
    end = facts.end_of(grant.ticket or 0)
    known = facts.tickets.get(end)
    if known is None or end == grant.ticket:
        return False
    return not (may_work_on(sender, known.ticket) if sender.is_staff else sender.number in known.participants)


def _reasons(grant: Grant, sender: Person, facts: Facts) -> Iterator[tuple[Void, bool]]:
    """Each reason why a person's own right gives them nothing, and whether it is so."""
    yield Void.ADDRESS, grant.address != sender.email
    yield Void.EXPIRED, grant.expires_at <= facts.now.timestamp()
    yield Void.SPENT, grant.spent
    yield Void.ROLE, grant.role != effective_role(sender)
    yield Void.BY_FORM, facts.by_form
    yield Void.MERGED, _ends_elsewhere(grant, sender, facts)


def _shown_rights(mail: InboundMail, facts: Facts, policy: Policy) -> Iterator[ShownRight]:
    author = mail.senders[0].email if len(mail.senders) == 1 else ""
    addresses = ((claim, ThreadEvidence.REPLY_ADDRESS) for claim in address_claims(mail, policy.own_addresses))
    for claim, evidence in (*addresses, *((claim, ThreadEvidence.OUR_MESSAGE_ID) for claim in message_id_claims(mail))):
        grant = facts.grants.get(claim.id)
        if grant and proves(policy.keys, claim, grant):
            yield ShownRight(grant, evidence, why_void(grant, author, facts))


def _by_signature(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    # Somebody else's right on no ticket, such as their report, ties the mail to nothing.
    rights = [
        right
        for right in _shown_rights(mail, facts, policy)
        if right.void is not Void.ANOTHERS or facts.end_of(right.grant.ticket or 0) in facts.tickets
    ]
    if not rights:
        return None
    right = min(rights, key=lambda right: right.rank)
    grant, evidence, void = right.grant, right.evidence, right.void
    sentence = f"The mail shows a {evidence}" + (f", but {void}." if void else " given to its sender.")
    if grant.ticket is None:
        return Thread(None, evidence, void is None, grant, void, sentence)
    # A right of the sender's own that is void by now still names the ticket, as a known Message-ID does.
    fits = void is None or (void is not Void.ANOTHERS and _takes_part(grant.ticket, facts))
    sentence += f" It names {_tag(grant.ticket, facts)}." if grant.ticket in facts.merged else ""
    return Thread(facts.end_of(grant.ticket), evidence, fits, grant, void, sentence)


def _takes_part(number: int, facts: Facts) -> bool:
    known = facts.tickets.get(facts.end_of(number))
    return bool(known and facts.sender and facts.sender.number in known.participants)


def _tag(number: int, facts: Facts) -> str:
    """The tag of a ticket, and where its merges end."""
    return f"SD-{number}" + (f", which was merged into SD-{facts.merged[number]}" if number in facts.merged else "")


def _by_numbers(numbers: tuple[int, ...], evidence: ThreadEvidence, facts: Facts) -> Thread | None:
    numbers = tuple(number for number in numbers if facts.end_of(number) in facts.tickets)
    fitting = tuple(number for number in numbers if _takes_part(number, facts))
    if fitting:
        sentence = f"A {evidence} names {_tag(fitting[0], facts)}."
        return Thread(facts.end_of(fitting[0]), evidence, fits=True, sentence=sentence)
    if not numbers:
        return None
    sentence = f"A {evidence} names {_tag(numbers[0], facts)}, but the sender takes no part in it."
    return Thread(facts.end_of(numbers[0]), evidence, sentence=sentence)


def _by_known_id(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    numbers = tuple(
        number for identifier in (*mail.refers, mail.message_id or "") for number in facts.known.get(identifier, ())
    )
    return _by_numbers(numbers, ThreadEvidence.KNOWN_MESSAGE_ID, facts)


def _by_reference(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    shown = ((claim, facts.grants.get(claim.id)) for claim in reference_claims(mail))
    signed = (grant for claim, grant in shown if grant and proves(policy.keys, claim, grant))
    return _by_numbers(tuple(grant.ticket for grant in signed if grant.ticket), ThreadEvidence.QUOTED_REFERENCE, facts)


def _by_tag(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    return _by_numbers(subject_tags(mail.subject), ThreadEvidence.SUBJECT_TAG, facts)


STEPS: tuple[Callable[[InboundMail, Facts, Policy], Thread | None], ...] = (
    _by_signature,
    _by_known_id,
    _by_reference,
    _by_tag,
)


def find_thread(mail: InboundMail, facts: Facts, policy: Policy) -> Thread:
    """The ticket a mail belongs to: the first evidence that fits its sender, else the strongest that does not.

    Whoever shows a right that was given to somebody else is not helped by weaker evidence of their own.
    """
    found = [thread for step in STEPS if (thread := step(mail, facts, policy))]
    deciding = [thread for thread in found if thread.fits or thread.void is Void.ANOTHERS]
    return (deciding or found or [Thread(None)])[0]


def grants_to_spend(mail: InboundMail, facts: Facts, policy: Policy) -> tuple[int, ...]:
    """The grants whose signatures this mail has shown to others than us: from now on they prove nothing."""
    named = {address.email for address in (*mail.to, *mail.cc)} - {address.email for address in mail.senders}
    if all(is_ours(email, policy.own_addresses) for email in named):
        return ()
    claims = (*address_claims(mail, policy.own_addresses), *message_id_claims(mail))
    shown = ((claim, facts.grants.get(claim.id)) for claim in claims)
    return tuple(dict.fromkeys(grant.id for claim, grant in shown if grant and proves(policy.keys, claim, grant)))
