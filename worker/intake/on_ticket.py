"""What intake writes on a ticket: the ticket itself, comments, notes, changes and merges."""

from desk.commands.merging import goes_on, joined
from desk.commands.obey import Changes
from desk.intake.decision import Accepted, Act, KeepNote, OpenTicket
from desk.ticket import Person, Ticket
from models.events.rows import add_command_answer
from models.events.triggers import mark
from models.ledger.rows import Fate
from models.people.rows import ensure_person, find_person, verify_address
from models.tickets import participants
from models.tickets import rows as tickets
from models.tickets.merging import merge_ticket
from models.tickets.notes import accept_note, move_to_comment
from worker.intake.mail_transaction import APPLIED, MailTransaction, colleague, keep_and_tell, keep_mail, let_in

WHY_MERGE_IS_NOTED = "It tells that another ticket was merged into this one."


def open_ticket(desk: MailTransaction, decision: OpenTicket) -> Fate:
    """Write a new ticket with the people, the note and the files of its mail; its customer is made where unknown."""
    customer = desk.known(decision.sender)
    actor = decision.by or customer
    mark(desk.session, actor=actor.number, cause=desk.row)
    new = tickets.NewTicket(
        customer=customer,
        title=decision.title,
        description=decision.description,
        category=decision.category,
        priority=decision.priority,
        owner=colleague(desk, decision.owner.number),
        choice=decision.owner,
    )
    ticket = tickets.add_ticket(desk.session, new, desk.now)
    if decision.continues:
        tickets.set_continues(desk.session, ticket.number, decision.continues)
    let_in(desk, ticket.number, decision.cc)
    if decision.by and decision.note:
        why = "Staff wrote it above a mail that they passed on."
        keep_and_tell(desk, ticket.number, decision.by.number, text=decision.note, reason=why)
    keep_mail(desk, ticket.number, None)
    return Fate(APPLIED, f"It opened {ticket.tag}. {decision.reason}", ticket=ticket.number, person=actor.number)


def act(desk: MailTransaction, decision: Act) -> Fate:
    """Write what a mail does to the ticket that it belongs to: accepted note, comment, changes, merge, answer."""
    mark(desk.session, actor=decision.person.number, cause=desk.row)
    ticket = desk.facts.tickets[decision.ticket].ticket
    if decision.accepted:
        _accept(desk, ticket, decision.accepted)
    comment = None
    if decision.text and decision.changes.note:
        keep_and_tell(desk, ticket.number, decision.person.number, text=decision.text, reason=decision.reason)
    elif decision.text:
        comment = tickets.add_comment(desk.session, ticket, decision.person, decision.text, desk.now)
    let_in(desk, ticket.number, decision.cc)
    if decision.changes.leaves:
        participants.leave_ticket(desk.session, ticket.number, decision.person.number)
    if decision.proven:
        verify_address(desk.session, decision.person.number, desk.now)
    _change(desk, ticket, decision.changes, decision.person)
    if decision.changes.merge_into is not None:
        _merge(desk, ticket, decision.changes.merge_into, decision)
    # Staff get an answer to every command; a customer's status mail already says what was done.
    if decision.outcomes and (decision.person.is_staff or decision.changes.status is None):
        add_command_answer(desk.session, ticket.number, decision.person.number, decision.outcomes, desk.row)
    keep_mail(desk, ticket.number, comment)
    reason = f"It belongs to {ticket.tag}. {decision.reason}"
    return Fate(APPLIED, reason, ticket=ticket.number, person=decision.person.number)


def _accept(desk: MailTransaction, ticket: Ticket, accepted: Accepted) -> None:
    """Let a note be the comment of who wrote it, who takes part from now on."""
    if not accept_note(desk.session, accepted.note):
        return
    author = ensure_person(desk.session, accepted.sender, desk.now)
    participants.add_participant(desk.session, ticket.number, author.number)
    comment = tickets.add_comment(desk.session, ticket, author, accepted.text, desk.now)
    move_to_comment(desk.session, accepted.note, comment, author.number)


def _change(desk: MailTransaction, ticket: Ticket, changes: Changes, actor: Person) -> None:
    if changes.status and changes.status is not ticket.status:
        tickets.set_status(desk.session, ticket, changes.status, actor, desk.now)
    if changes.priority and changes.priority is not ticket.priority:
        tickets.set_priority(desk.session, ticket, changes.priority, actor, desk.now)
    if changes.category and changes.category is not ticket.category:
        tickets.set_category(desk.session, ticket, changes.category, actor, desk.now)
    if changes.assignee is not None:
        tickets.set_assignee(desk.session, ticket, colleague(desk, changes.assignee), actor, desk.now)


def _merge(desk: MailTransaction, ticket: Ticket, into: int, decision: Act) -> None:
    """Make a ticket part of another one; the people of both are told where it goes on."""
    actor, target = decision.person, desk.facts.tickets[into].ticket
    merge_ticket(desk.session, ticket.number, target.number, ticket.customer.number)
    tickets.add_activity(desk.session, ticket.ticket_id, actor, "updated", f"Merged into {target.tag}", desk.now)
    activity = f"{ticket.tag} merged into this ticket"
    tickets.add_activity(desk.session, target.ticket_id, actor, "updated", activity, desk.now)
    if decision.changes.note:
        tickets.add_comment(desk.session, ticket, actor, goes_on(target.number), desk.now)
    keep_and_tell(desk, target.number, actor.number, text=joined(ticket), reason=WHY_MERGE_IS_NOTED)


def keep_note(desk: MailTransaction, decision: KeepNote) -> Fate:
    """Write a note that only staff see, with its mail; its author stays open where nobody knows the sender."""
    author = find_person(desk.session, decision.sender.email)
    number = author.number if author else None
    keep_and_tell(desk, decision.ticket, number, text=decision.text, reason=decision.reason)
    keep_mail(desk, decision.ticket, None)
    return Fate(APPLIED, f"It is a note on SD-{decision.ticket}. {decision.reason}", ticket=decision.ticket)
