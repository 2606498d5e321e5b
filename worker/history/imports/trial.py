"""Old mails decided and not written: what earlier ones of the same import would have made is kept in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from desk.facts import Facts, KnownTicket
from desk.intake.decide import decide
from desk.intake.decision import Act, Decision, KeepNote, OpenTicket
from desk.ticket import THE_DESK, UNPROVEN_SENDERS, Person, Role, Status, Ticket
from mail.inbound.message import InboundMail
from mail.mime.message_ids import id_hash, peek
from models.db.clock import read_now
from models.people.rows import find_desk
from worker.history.files.place import read_mail
from worker.history.imports.plan import Planned
from worker.history.imports.take import (
    Outcome,
    Target,
    Took,
    is_known_mail,
    is_unvouched,
    ledger_mail,
    outcome_of,
    patience,
    uid_of,
)
from worker.intake.old_mail import OldMail, as_staff, is_the_desks, read_old_mail
from worker.runtime.limits import memory_limit
from worker.runtime.transaction import transaction

# People and tickets that are not there have numbers below zero.
NOBODY, DESK = -1, -2
MOST_NAMED = 50

Ids = dict[bytes, tuple[int, ...]]


@dataclass(slots=True)
class World:
    """What the mails so far would have made; `own` and `named` lead from Message-IDs, by hash, to tickets."""

    people: dict[str, Person] = field(default_factory=dict)
    tickets: dict[int, KnownTicket] = field(default_factory=dict)
    own: Ids = field(default_factory=dict)
    named: Ids = field(default_factory=dict)
    seen: set[tuple[bytes, int]] = field(default_factory=set)
    last: int = DESK

    def number(self) -> int:
        """A number that nobody and nothing has."""
        self.last -= 1
        return self.last


def try_mail(target: Target, planned: Planned, world: World) -> Took:
    """What would become of one mail; nothing is written, and the world knows of it afterwards.

    Raises SQLAlchemyError, OSError and FileChanged.
    """
    place, services = planned.place, target.services
    if place.size > services.policy.largest_mail:
        return Took(Outcome.TOO_LARGE, f"{place.name} has {place.size} bytes.")
    raw = read_mail(place)
    seen = peek(raw)
    key = (seen.fingerprint, uid_of(raw, seen) if seen.message_id is None else 0)
    if key in world.seen:
        return Took(Outcome.KNOWN)
    with (
        patience(services.limits.mail_seconds),
        transaction(services.engine) as session,
        memory_limit(services.limits.mail_megabytes),
    ):
        if is_known_mail(session, planned, raw, seen):
            return Took(Outcome.KNOWN)
        if target.is_awaited(raw):
            return Took(Outcome.AWAITED)
        mail = ledger_mail(target, planned, raw, seen, row=0, now=read_now(session))
        old = read_old_mail(session, services, mail, target.staff)
        facts = _with_world(session, target, old, world)
    rule, decision = decide(old.mail, facts, services.policy, old.form)
    if is_unvouched(rule, decision, vouched=target.vouched):
        return Took(Outcome.OF_STAFF)
    world.seen.add(key)
    _remember(world, old.mail, facts, decision)
    return Took(outcome_of(decision), rule)


def _with_world(session: Session, target: Target, old: OldMail, world: World) -> Facts:
    """The facts of the database with those of the world."""
    facts, refers = old.facts, [one for one in old.mail.refers if one != old.mail.message_id]
    named = [*refers, *([old.mail.message_id] if old.mail.message_id else [])]
    known = _joined(facts.known, world.own, refers)
    by_name = _joined(facts.named, world.named, named)
    numbers = {number for found in (known, by_name) for of_one in found.values() for number in of_one}
    tickets = {number: world.tickets[number] for number in numbers if number in world.tickets}
    sender = facts.sender
    if is_the_desks(target.services.policy, old.mail, facts.imported):
        sender = as_staff(find_desk(session) or Person(DESK, THE_DESK, "desk@invalid", "", Role.CUSTOMER))
    elif sender is None and len(old.mail.senders) == 1:
        sender = world.people.get(old.mail.senders[0].email)
    return replace(facts, known=known, named=by_name, tickets={**tickets, **facts.tickets}, sender=sender)


def _joined(facts: Mapping[str, tuple[int, ...]], ids: Ids, among: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found = {one: ids.get(id_hash(one), ()) for one in among}
    return {**facts, **{one: (*facts.get(one, ()), *numbers) for one, numbers in found.items() if numbers}}


def _remember(world: World, mail: InboundMail, facts: Facts, decision: Decision) -> None:
    match decision:
        case OpenTicket():
            number = world.number()
            world.tickets[number] = _ticket(world, number, facts, decision)
        case Act() | KeepNote():
            number = decision.ticket
            world.tickets.setdefault(number, facts.tickets[number])
        case _:
            return
    ids = {"own": mail.message_id, **dict.fromkeys(mail.refers[:MOST_NAMED])}
    if ids.pop("own"):
        _add(world.own, str(mail.message_id), number)
    for one in ids:
        if one != mail.message_id:
            _add(world.named, one, number)


def _add(ids: Ids, identifier: str, number: int) -> None:
    digest = id_hash(identifier)
    known = ids.get(digest, ())
    if number not in known:
        ids[digest] = (*known, number)


def _ticket(world: World, number: int, facts: Facts, decision: OpenTicket) -> KnownTicket:
    customer = _customer(world, facts, decision)
    ticket = Ticket(
        number=number,
        ticket_id=str(number),
        title=decision.title,
        description="",
        status=Status.OPEN,
        priority=decision.priority,
        category=decision.category,
        customer=customer,
        assignee=None,
        created_at=facts.now,
    )
    return KnownTicket(ticket, frozenset({customer.number}), addresses={customer.number: customer.email})


def _customer(world: World, facts: Facts, decision: OpenTicket) -> Person:
    if decision.unproven:
        return Person(NOBODY, UNPROVEN_SENDERS, "unproven@invalid", "", Role.CUSTOMER)
    email = decision.sender.email
    if facts.sender is not None and facts.sender.email == email:
        return facts.sender
    if email not in world.people:
        number = world.number()
        world.people[email] = Person(number, str(number), email, decision.sender.name, Role.CUSTOMER)
    return world.people[email]
