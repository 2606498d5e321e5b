"""The only writes of intake: a decision becomes rows, and the fate that the ledger keeps."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlalchemy.orm import Session

from desk.commands import Changes
from desk.decisions import Act, Decision, Hold, KeepNote, NotApplied, OpenTicket, Quarantine, Refuse
from desk.events import HeldMail
from desk.ticket import Person, Ticket
from mail.message import InboundMail
from models import tickets
from models.actor import mark
from models.assignments import record_assignment
from models.blobs import attach
from models.conversation import add_note, keep_reading, know_ids
from models.events import add_command_answer, add_held, add_note_event, add_too_large
from models.ledger import Fate
from models.people import ensure_person, find_person, read_people

APPLIED, NOT_APPLIED, QUARANTINED = "applied", "not_applied", "quarantined"


@dataclass(frozen=True, slots=True)
class Desk:
    """The transaction of one mail: where to write, which ledger row and mail it is, and what time it is."""

    session: Session
    row: int
    mail: InboundMail
    now: datetime


def carry_out(session: Session, row: int, mail: InboundMail, decision: Decision, now: datetime) -> Fate:
    """Write what was decided; the fate says what was written."""
    desk = Desk(session, row, mail, now)
    match decision:
        case OpenTicket():
            return _open(desk, decision)
        case Act():
            return _act(desk, decision)
        case KeepNote():
            return _keep_note(desk, decision)
        case Hold():
            return _hold(desk, decision)
        case NotApplied() | Quarantine():
            return Fate(QUARANTINED if isinstance(decision, Quarantine) else NOT_APPLIED, decision.reason)
        case Refuse():
            return _refuse(desk, decision)
        case _:
            assert_never(decision)


def _open(desk: Desk, decision: OpenTicket) -> Fate:
    customer = ensure_person(desk.session, decision.sender, desk.now)
    mark(desk.session, actor=customer.number)
    owner = _person(desk, decision.owner.number)
    filing = (decision.category, decision.priority)
    ticket = tickets.add_ticket(desk.session, customer, (decision.title, decision.description), filing, owner, desk.now)
    if owner:
        tickets.add_activity(desk.session, ticket.ticket_id, customer, "updated", "Ticket assigned", desk.now)
    record_assignment(desk.session, ticket.number, decision.owner)
    if decision.continues:
        tickets.set_continues(desk.session, ticket.number, decision.continues)
    _keep_mail(desk, ticket.number, None)
    return Fate(APPLIED, f"It opened {ticket.tag}. {decision.reason}", ticket=ticket.number, person=customer.number)


def _act(desk: Desk, decision: Act) -> Fate:
    mark(desk.session, actor=decision.person.number)
    ticket = tickets.read_tickets(desk.session, [decision.ticket])[decision.ticket]
    comment = _say(desk, decision, ticket) if decision.text else None
    _change(desk, ticket, decision.changes, decision.person)
    if _wants_answer(decision):
        add_command_answer(desk.session, ticket.number, decision.person.number, decision.outcomes, desk.row)
    _keep_mail(desk, ticket.number, comment)
    reason = f"It belongs to {ticket.tag}. {decision.reason}"
    return Fate(APPLIED, reason, ticket=ticket.number, person=decision.person.number)


def _wants_answer(decision: Act) -> bool:
    """Staff get an answer to every command; a customer's status mail already says what was done."""
    if decision.person.is_staff:
        return bool(decision.outcomes)
    return bool(decision.outcomes) and decision.changes.status is None


def _say(desk: Desk, decision: Act, ticket: Ticket) -> str | None:
    """Write the text as a comment, whose id it gives, or as a note."""
    if not decision.changes.note:
        return tickets.add_comment(desk.session, ticket, decision.person, decision.text, desk.now)
    said = (decision.text, decision.reason)
    note = add_note(desk.session, ticket.number, decision.person.number, desk.row, said)
    add_note_event(desk.session, ticket.number, note, decision.person.number, desk.row)
    return None


def _change(desk: Desk, ticket: Ticket, changes: Changes, actor: Person) -> None:
    if changes.status and changes.status is not ticket.status:
        tickets.set_status(desk.session, ticket, changes.status, actor, desk.now)
    if changes.priority and changes.priority is not ticket.priority:
        tickets.set_priority(desk.session, ticket, changes.priority, actor, desk.now)
    if changes.category and changes.category is not ticket.category:
        tickets.set_category(desk.session, ticket, changes.category, actor, desk.now)
    if changes.assignee is not None:
        tickets.set_assignee(desk.session, ticket, _person(desk, changes.assignee), actor, desk.now)


def _keep_note(desk: Desk, decision: KeepNote) -> Fate:
    author = find_person(desk.session, decision.sender.email)
    number = author.number if author else None
    note = add_note(desk.session, decision.ticket, number, desk.row, (decision.text, decision.reason))
    add_note_event(desk.session, decision.ticket, note, number, desk.row)
    _keep_mail(desk, decision.ticket, None)
    return Fate(APPLIED, f"It is a note on SD-{decision.ticket}. {decision.reason}", ticket=decision.ticket)


def _hold(desk: Desk, decision: Hold) -> Fate:
    held = HeldMail(desk.mail.subject, decision.reason, decision.advice)
    add_held(desk.session, decision.person.number, held, desk.row)
    return Fate(NOT_APPLIED, f"Held: {decision.reason}", person=decision.person.number)


def _refuse(desk: Desk, decision: Refuse) -> Fate:
    # A stranger becomes a person here as a smaller mail would have made them one: only to people is mail sent.
    person = ensure_person(desk.session, decision.sender, desk.now)
    add_too_large(desk.session, person.number, decision.mail, desk.row)
    return Fate(NOT_APPLIED, decision.reason, person=person.number)


def _keep_mail(desk: Desk, number: int, comment: str | None) -> None:
    """Keep what came with the mail: its files, its ids for threading, and what trimming took off."""
    attach(desk.session, desk.row, number, comment, desk.mail.attachments)
    know_ids(desk.session, number, desk.mail)
    keep_reading(desk.session, desk.row, number, comment, desk.mail)


def _person(desk: Desk, number: int | None) -> Person | None:
    return read_people(desk.session, [number]).get(number) if number else None
