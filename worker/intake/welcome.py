"""Guests who write: who was added to tickets by address becomes a person who takes part in them."""

from dataclasses import replace

from sqlalchemy.orm import Session

from desk.facts import Facts, Policy
from desk.trust.judge import results_of
from mail.auth.results import AuthOutcome
from mail.inbound.message import InboundMail, MailKind
from models.people.rows import ensure_person
from models.tickets.participants import welcome_guest

# What a program answers makes nobody a person, and a list hands on what its members wrote.
WRITTEN = frozenset({MailKind.PERSON, MailKind.LIST})


def welcome_writer(session: Session, mail: InboundMail, facts: Facts, policy: Policy) -> Facts:
    """The facts of a mail, whose sender takes part where their address was a guest's; the same for all other mail.

    A refuted mail makes nobody a person.
    """
    if not facts.guest_of or mail.kind not in WRITTEN or len(mail.senders) != 1:
        return facts
    results = results_of(mail, facts, policy)
    if results and results.verdict is AuthOutcome.FAIL:
        return facts
    person = ensure_person(session, mail.senders[0], facts.now)
    welcome_guest(session, person.email, person.number)
    joined = {number: known.joined_by(person) for number, known in facts.tickets.items() if number in facts.guest_of}
    return replace(facts, sender=person, tickets={**facts.tickets, **joined}, guest_of=frozenset())
