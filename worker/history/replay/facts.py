"""The facts about a stored mail as they were when it was decided, as far as the database still knows them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.facts import Facts, Imported, KnownTicket, Policy
from desk.gate.caps import fold
from desk.intake.assessment import questions
from desk.intake.decide import as_it_was, wanted_of_import
from desk.intake.rule_names import RuleName
from desk.routing.route import Candidate
from desk.ticket import Status
from mail.inbound.message import InboundMail
from mail.mime.message_ids import id_hash
from models.intake.answered import read_named
from models.intake.facts import gather
from models.ledger.mails import LedgerMail
from models.people.rows import find_desk
from models.reports.history.decided import DecidedMail, known_later
from worker.intake.old_mail import as_staff, is_the_desks

OPENING = frozenset({RuleName.NEW_TICKET, RuleName.PASSED_ON})

# What was so at that moment alone, and is asked by rules that are not compared.
_OF_ITS_MOMENT: Final[dict[str, Any]] = {
    "twin": None, "lesser_twins": (), "lookalikes": (), "floods": {}, "bounces": (),
}  # fmt: skip


def facts_then(
    session: Session, stored: DecidedMail, mail: InboundMail, raw: bytes, policy: Policy, staff: tuple[Candidate, ...]
) -> Facts:
    """What was known of a mail, without what it brought about itself and what came later.

    Floods, twins and the words of colleagues since are of their moment and left out: rules that ask them are not
    compared. What cannot be known any more, such as who was staff, is as it is today.
    """
    then = stored.decided_at
    wanted = questions(mail, policy)
    wanted = wanted_of_import(wanted) if stored.imported else wanted
    facts = gather(session, _as_claimed(stored, raw), wanted, staff, then)
    later = known_later(session, [id_hash(one) for one in (*wanted.refers, wanted.message_id or "")], then)
    correspondent = fold(wanted.author.email) if wanted.author else ""
    grants, sent = read_named(session, wanted.outbox, correspondent, then) if wanted.outbox else ({}, {})
    facts = replace(
        facts,
        **_OF_ITS_MOMENT,
        sender=None if stored.made_sender else facts.sender,
        grants=grants,
        sent=sent,
        known=_without(facts.known, later),
        named=_without(facts.named, later),
        tickets=_tickets_then(facts.tickets, stored),
        answered={id_: replace(one, later=()) for id_, one in facts.answered.items()},
    )
    return _of_old_mail(session, stored.imported, mail, facts, policy) if stored.imported else facts


def _of_old_mail(session: Session, imported: Imported, mail: InboundMail, facts: Facts, policy: Policy) -> Facts:
    """The facts of a mail that was brought along from a file."""
    facts = as_it_was(replace(facts, imported=imported))
    desk = find_desk(session) if is_the_desks(policy, mail, imported) else None
    return replace(facts, sender=as_staff(desk)) if desk else facts


def _as_claimed(stored: DecidedMail, raw: bytes) -> LedgerMail:
    return LedgerMail(
        row=stored.row,
        mailbox=stored.mailbox,
        fingerprint=stored.fingerprint,
        size=stored.size,
        partial=stored.partial,
        confirmed=stored.confirmed,
        restored=stored.restored,
        raw=raw,
        arrived_at=stored.arrived_at,
        now=stored.decided_at,
        waited=stored.waited,
    )


def _without(known: Mapping[str, tuple[int, ...]], later: set[tuple[bytes, int]]) -> dict[str, tuple[int, ...]]:
    """The tickets of each Message-ID without those that came to know it later."""
    left = {
        identifier: tuple(number for number in numbers if (id_hash(identifier), number) not in later)
        for identifier, numbers in known.items()
    }
    return {identifier: numbers for identifier, numbers in left.items() if numbers}


def _tickets_then(tickets: Mapping[int, KnownTicket], stored: DecidedMail) -> dict[int, KnownTicket]:
    """The tickets that were there before the mail, as it met them."""
    own = stored.ticket if stored.rule in OPENING else None
    return {
        number: _as_then(known, stored)
        for number, known in tickets.items()
        if known.ticket.created_at < stored.decided_at and number != own
    }


def _as_then(known: KnownTicket, stored: DecidedMail) -> KnownTicket:
    """A ticket in the state in which the mail met it, as far as its fate tells; without what its sender wrote since."""
    status = known.ticket.status
    if stored.ticket == known.ticket.number and status is Status.CLOSED:
        status = Status.OPEN
    if stored.rule in OPENING and stored.continues == known.ticket.number:
        status = Status.CLOSED
    return replace(known, ticket=replace(known.ticket, status=status), notes=(), commands=frozenset())
