"""Which ticket a mail belongs to: the strongest evidence by which its sender may write there decides."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from desk.commands.lines.parser import parse_reply
from desk.commands.merging import may_work_on
from desk.facts import Facts, Policy
from desk.ticket import Person, Role, number_in
from desk.tokens import (
    Claim,
    Grant,
    Purpose,
    ReplyKind,
    asks_for_note,
    is_ours,
    proves,
    read_address,
    read_message_id,
    read_references,
    right_of_row,
)
from mail.inbound.message import InboundMail

TAG = re.compile(r"\[SD-(\d{1,18})\]", re.IGNORECASE)
MOST_TAGS = 3
# The commands that name a ticket, and how many of these are read.
NAMING = frozenset({"merge", "watch", "unwatch"})
MOST_NAMED = 10


class ThreadEvidence(StrEnum):
    """What ties a mail to a ticket, the strongest first."""

    REPLY_ADDRESS = "signed reply address"
    OUR_MESSAGE_ID = "signed Message-ID of ours"
    KNOWN_MESSAGE_ID = "known Message-ID"
    QUOTED_REFERENCE = "signed reference in the quoted text"
    SUBJECT_TAG = "subject tag"


class Void(StrEnum):
    """Why a signed right that a mail shows does not count."""

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
    """The ticket that a mail belongs to; `number` is None where it belongs to none.

    `fits` says that the sender may write there by this evidence; `grant` is the signed right that the mail shows, and
    `void` is why that does not count; `sentence` is the reason as it is stored and shown to people.
    """

    number: int | None
    evidence: ThreadEvidence | None = None
    fits: bool = False
    grant: Grant | None = None
    void: Void | None = None
    sentence: str = "Nothing in the mail names a ticket."


@dataclass(frozen=True, slots=True)
class ShownRight:
    """A signed right that a mail shows, where it shows it, and why it does not count; `void` is None if it does."""

    grant: Grant
    evidence: ThreadEvidence
    void: Void | None

    @property
    def rank(self) -> int:
        """The lowest decides: the sender's own right, then somebody else's (an answer to all has both), then void."""
        return 0 if self.void is None else 1 if self.void is Void.ANOTHERS else 2

    @property
    def is_note_address(self) -> bool:
        """True where the mail was sent to be a note: with that it stays internal, whatever other address it went to."""
        return self.evidence is ThreadEvidence.REPLY_ADDRESS and self.grant.kind is ReplyKind.NOTE


def address_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """The signatures in the addresses that the mail was sent to."""
    claims = (read_address(address, own_addresses) for address in mail.recipients)
    return tuple(claim for claim in claims if claim)


def message_id_claims(mail: InboundMail) -> tuple[Claim, ...]:
    """The signatures in the Message-IDs that the mail refers to, nearest first."""
    claims = (read_message_id(identifier) for identifier in mail.refers)
    return tuple(claim for claim in claims if claim)


def envelope_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """The signatures in the addresses that the mail was sent to, read as envelope senders of ours."""
    claims = (read_address(address, own_addresses, Purpose.ENVELOPE) for address in mail.recipients)
    return tuple(claim for claim in claims if claim)


def reference_claims(mail: InboundMail) -> tuple[Claim, ...]:
    """The signed references in the quoted text of the mail, or where that has none, in all of its text."""
    return read_references(mail.removed) or read_references(mail.text)


def all_claims(mail: InboundMail, own_addresses: frozenset[str]) -> tuple[Claim, ...]:
    """Every signature in the mail: addresses, Message-IDs, references, and for a bounce the mail that it reports on."""
    quoted = read_message_id(mail.bounce.original_message_id or "") if mail.bounce else None
    bounced = (*envelope_claims(mail, own_addresses), *((quoted,) if quoted else ())) if mail.bounce else ()
    return (*address_claims(mail, own_addresses), *message_id_claims(mail), *bounced, *reference_claims(mail))


def subject_tags(subject: str) -> tuple[int, ...]:
    """The ticket numbers of the first MOST_TAGS tags in a subject, such as [SD-12]."""
    return tuple(int(number) for number in TAG.findall(subject)[:MOST_TAGS])


def tickets_to_merge_into(mail: InboundMail) -> tuple[int, ...]:
    """The numbers of tickets behind commands of NAMING in the sender's own words, who need not be staff here."""
    orders = (order for order in parse_reply(mail.reply, staff=True).orders if order.name in NAMING)
    return tuple(number for order in orders if (number := number_in(order.argument)))[:MOST_NAMED]


def effective_role(person: Person) -> Role:
    """The role in mail.staff where the "User" row is staff's too; customer for everybody else."""
    return person.staff_role if person.staff_role and person.is_staff else Role.CUSTOMER


def why_void(grant: Grant, author: str, facts: Facts) -> Void | None:
    """Why a grant does not count for the sender at this address; None where it is theirs and valid."""
    sender = facts.sender
    if sender is None or grant.person != sender.number:
        # The same address with another person: the one that it was given to was deleted, or has moved from it.
        return Void.GONE if grant.address == author else Void.ANOTHERS
    return next((void for void, applies in _void_conditions(grant, sender, facts) if applies), None)


def _ends_elsewhere(grant: Grant, sender: Person, facts: Facts) -> bool:
    """True where its ticket was merged into one that the sender takes no part in: a merge extends no right."""
    end = facts.end_of(grant.ticket or 0)
    known = facts.tickets.get(end)
    if known is None or end == grant.ticket:
        return False
    return not (may_work_on(sender, known.ticket) if sender.is_staff else sender.number in known.participants)


def _void_conditions(grant: Grant, sender: Person, facts: Facts) -> Iterator[tuple[Void, bool]]:
    """Each reason why a person's own right may not count, and whether it applies."""
    yield Void.ADDRESS, grant.address != sender.email
    yield Void.EXPIRED, grant.expires_at <= facts.now.timestamp()
    # What waited showed its token when it was judged first, and others in its Cc have seen that since.
    yield Void.SPENT, grant.spent and not facts.waited
    yield Void.ROLE, grant.role != effective_role(sender)
    yield Void.BY_FORM, facts.by_form
    yield Void.MERGED, _ends_elsewhere(grant, sender, facts)


def _shown_rights(mail: InboundMail, facts: Facts, policy: Policy) -> Iterator[ShownRight]:
    author = mail.senders[0].email if len(mail.senders) == 1 else ""
    addresses = ((claim, ThreadEvidence.REPLY_ADDRESS) for claim in address_claims(mail, policy.own_addresses))
    for claim, evidence in (*addresses, *((claim, ThreadEvidence.OUR_MESSAGE_ID) for claim in message_id_claims(mail))):
        grant = facts.grants.get(claim.id)
        if grant and proves(policy.keys, claim, grant):
            if asks_for_note(policy.keys, claim, grant):
                grant = replace(grant, kind=ReplyKind.NOTE)
            grant = right_of_row(policy.keys, claim, grant) or grant
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
    right = min(rights, key=lambda right: (right.rank, not right.is_note_address))
    grant, evidence, void = right.grant, right.evidence, right.void
    sentence = f"The mail shows a {evidence}" + (f", but {void}." if void else " given to its sender.")
    if grant.ticket is None:
        return Thread(None, evidence, void is None, grant, void, sentence)
    # The sender's own right still names the ticket when it is void, as a known Message-ID does.
    fits = void is None or (void is not Void.ANOTHERS and _takes_part(grant.ticket, facts))
    sentence += f" It names {_tag(grant.ticket, facts)}." if grant.ticket in facts.merged else ""
    return Thread(facts.end_of(grant.ticket), evidence, fits, grant, void, sentence)


def _takes_part(number: int, facts: Facts) -> bool:
    known = facts.tickets.get(facts.end_of(number))
    return bool(known and facts.sender and facts.sender.number in known.participants)


def _tag(number: int, facts: Facts) -> str:
    """The tag of a ticket and, for a merged one, the tag of the ticket where its merges end."""
    return f"SD-{number}" + (f", which was merged into SD-{facts.merged[number]}" if number in facts.merged else "")


def _owns(number: int, facts: Facts) -> bool:
    known = facts.tickets.get(facts.end_of(number))
    return bool(known and facts.sender and facts.sender.number == known.ticket.customer.number)


def _by_numbers(numbers: tuple[int, ...], evidence: ThreadEvidence, facts: Facts) -> Thread | None:
    """The first ticket of the sender's own, then the first that they take part in, then the first of all."""
    numbers = tuple(number for number in numbers if facts.end_of(number) in facts.tickets)
    fitting = sorted((one for one in numbers if _takes_part(one, facts)), key=lambda one: not _owns(one, facts))
    if fitting:
        sentence = f"A {evidence} names {_tag(fitting[0], facts)}."
        return Thread(facts.end_of(fitting[0]), evidence, fits=True, sentence=sentence)
    if not numbers:
        return None
    sentence = f"A {evidence} names {_tag(numbers[0], facts)}, but the sender takes no part in it."
    return Thread(facts.end_of(numbers[0]), evidence, sentence=sentence)


def _by_known_id(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    """The ticket of a mail that this one refers to; only then one of which a mail named the same, or this mail itself.

    Whoever names a Message-ID need not have the mail. So a name binds nothing where it would show this mail to anybody
    whom it is not addressed to (docs/security.md#what-a-mail-may-do).
    """
    refers = tuple(one for one in mail.refers if one != mail.message_id)
    owned = tuple(number for one in refers for number in facts.known.get(one, ()))
    # The late parent of a mail joins that wherever its sender may write, a sibling only its sender's own ticket.
    parents = (number for number in facts.named.get(mail.message_id or "", ()) if _may_join(number, facts))
    siblings = (number for one in refers for number in facts.named.get(one, ()) if _owns(number, facts))
    named = tuple(number for number in (*parents, *siblings) if not _shows_to_others(number, mail, facts))
    threads = [_by_numbers(numbers, ThreadEvidence.KNOWN_MESSAGE_ID, facts) for numbers in (owned, named)]
    found = [thread for thread in threads if thread]
    return next((thread for thread in found if thread.fits), found[0] if found else None)


def _may_join(number: int, facts: Facts) -> bool:
    """True for who takes part in a ticket, and for staff, whose power is judged elsewhere."""
    return _takes_part(number, facts) or bool(facts.sender and facts.sender.is_staff)


def _shows_to_others(number: int, mail: InboundMail, facts: Facts) -> bool:
    """True where somebody takes part in a ticket whom the mail is neither from nor addressed to."""
    known = facts.tickets.get(facts.end_of(number))
    addressed = {address.email for address in (*mail.senders, *mail.to, *mail.cc)}
    if known is None or not known.guests <= addressed:
        return True
    return not all(known.addresses.get(one) in addressed for one in known.participants)


def _by_reference(mail: InboundMail, facts: Facts, policy: Policy) -> Thread | None:
    grants = ((claim, facts.grants.get(claim.id)) for claim in reference_claims(mail))
    signed = (grant for claim, grant in grants if grant and proves(policy.keys, claim, grant))
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
    """The ticket a mail belongs to: by the first evidence that fits its sender, or else by the strongest.

    A right that was given to somebody else decides too: no weaker evidence of the sender's own comes after it.
    """
    threads = [thread for step in STEPS if (thread := step(mail, facts, policy))]
    deciding = [thread for thread in threads if thread.fits or thread.void is Void.ANOTHERS]
    return (deciding or threads or [Thread(None)])[0]


def grants_to_spend(mail: InboundMail, facts: Facts, policy: Policy) -> tuple[int, ...]:
    """The ids of grants whose signatures this mail has shown to others than us; they count no longer."""
    recipients = {address.email for address in (*mail.to, *mail.cc)} - {address.email for address in mail.senders}
    if all(is_ours(email, policy.own_addresses) for email in recipients):
        return ()
    claims = (*address_claims(mail, policy.own_addresses), *message_id_claims(mail))
    grants = ((claim, facts.grants.get(claim.id)) for claim in claims)
    return tuple(dict.fromkeys(grant.id for claim, grant in grants if grant and proves(policy.keys, claim, grant)))
