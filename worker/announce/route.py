"""Routing of tickets without an owner: those that another program opened, and those of an agent who was deleted."""

from dataclasses import replace

from sqlalchemy.orm import Session

from desk.notices.audience import ENDED
from desk.notices.events import ChangeSet, EventKind, Field
from desk.routing.route import route
from desk.routing.rule_input import CaseMail, CaseSender, CaseTicket, RuleInput
from desk.trust.threads import effective_role
from models.db.clock import read_now
from models.events.triggers import mark
from models.people.roster import candidates, served_before
from models.people.rows import read_people
from models.tickets.participants import record_assignment
from models.tickets.rows import set_assignee
from worker.runtime.services import Services


def give_owner(session: Session, services: Services, change_set: ChangeSet) -> ChangeSet:
    """Route the change set's ticket where it has no owner, unless a person took it from one on purpose.

    A ticket that has ended stays with nobody, for there is nothing to do about it until it is opened again.
    """
    ticket = change_set.ticket
    if ticket is None or ticket.assignee or ticket.status in ENDED or not _needs_an_owner(change_set):
        return change_set
    customer, now = ticket.customer, read_now(session)
    rule_input = RuleInput(
        CaseTicket(ticket.title, ticket.description, ticket.category, ticket.priority, ticket.status),
        CaseSender(customer.email, customer.email.rpartition("@")[2], customer.name, effective_role(customer)),
        CaseMail(subject=ticket.title),
    )
    judgement = services.policy.rules.judge(rule_input)
    last_agent = None if customer.is_nobody else session.scalar(served_before(customer.number))
    choice = route(judgement, services.policy.default_assign, candidates(session, now), last_agent)
    owner = read_people(session, [choice.number]).get(choice.number) if choice.number else None
    if owner is None:
        # Where it is for want of staff, it is routed again once there is somebody.
        record_assignment(session, ticket.number, replace(choice, number=None))
        return change_set
    # The change set that is being announced tells the new owner; an event of its own would tell them again.
    mark(session, quiet=True)
    set_assignee(session, ticket, owner, owner, now)
    record_assignment(session, ticket.number, choice)
    return replace(change_set, ticket=replace(ticket, assignee=owner))


def _needs_an_owner(change_set: ChangeSet) -> bool:
    opened = any(event.kind is EventKind.TICKET_OPENED for event in change_set.events)
    unassigned = any(event.field is Field.ASSIGNEE and event.new is None for event in change_set.events)
    reopened = any(event.field is Field.STATUS and event.old in ENDED for event in change_set.events)
    by_staff = change_set.actor is not None and change_set.actor.is_staff
    return opened or (unassigned and change_set.actor is None) or (reopened and not by_staff)
