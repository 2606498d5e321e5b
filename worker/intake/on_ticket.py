"""What intake writes on a ticket: the ticket itself, comments, notes, changes and merges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from desk.commands.command import Changes
from desk.commands.merging import merge_note, merge_pointer, with_pointer
from desk.commands.taking_back import ChangeKind
from desk.commands.values_before import Written, before_of, kept_of
from desk.facts import Facts
from desk.intake.assessment import more_words
from desk.intake.decision import Accepted, Act, KeepNote, OpenTicket
from desk.ticket import Person, Ticket
from mail.inbound.message import NO_MORE_WORDS, InboundMail, MoreWords
from mail.mime.addresses import Address
from models.events.rows import add_command_answer, add_note_event
from models.events.triggers import mark
from models.intake.commands import keep_before
from models.ledger.proof import ACCEPTS
from models.ledger.rows import Fate
from models.people.rows import add_person, ensure_nobody, ensure_person, find_colleague, find_person, verify_address
from models.tickets import rows as tickets
from models.tickets.attachments import attach
from models.tickets.merging import merge_ticket
from models.tickets.notes import NewNote, accept_note, add_note, move_to_comment
from models.tickets.participants import add_guest, add_participant, begin_silence, leave_ticket
from models.tickets.thread_index import keep_reading_and_ids
from worker.runtime.services import Services

APPLIED, NOT_APPLIED, QUARANTINED = "applied", "not_applied", "quarantined"
WHY_MERGE_IS_NOTED = "It tells that another ticket was merged into this one."
Deeds = Mapping[str, Any]
NO_DEEDS: Final[Deeds] = {}
WHY_UNVERIFIED = "Its address is proven and not verified, for the account had a login before."


@dataclass(frozen=True, slots=True)
class MailTransaction:
    """The transaction of one mail: where to write, which ledger row and mail it is, and what was known of it.

    By `services`, what is kept as text is said in the language of who reads it.
    """

    session: Session
    row: int
    mail: InboundMail
    facts: Facts
    services: Services

    @property
    def now(self) -> datetime:
        """The moment at which the mail is decided."""
        return self.facts.now

    def ensure_person(self, address: Address) -> Person:
        """The person with this address, made a customer where nobody has it."""
        if [sender.email for sender in self.mail.senders] != [address.email]:
            return ensure_person(self.session, address, self.now)
        return self.facts.sender or add_person(self.session, address, self.now)

    def find_colleague(self, number: int | None) -> Person | None:
        """The member of staff with this number, as they are now; None where they are gone or staff no longer.

        Routing may have chosen from a list that was read some mails ago (docs/security.md#who-is-who).
        """
        return find_colleague(self.session, number) if number else None


def open_ticket(transaction: MailTransaction, decision: OpenTicket) -> Fate:
    """Write a new ticket with the people, the note and the files of its mail; its customer is made where unknown."""
    session = transaction.session
    nobody = ensure_nobody(session, transaction.now) if decision.unproven else None
    customer = nobody or transaction.ensure_person(decision.sender)
    actor = decision.by or customer
    mark(session, actor=actor.number, cause=transaction.row)
    ticket = write_ticket(transaction, decision, customer, actor)
    if decision.continues:
        tickets.set_continues(session, ticket.number, decision.continues)
    if decision.untold:
        begin_silence(session, ticket.number)
        _keep_opened_for(transaction, ticket, actor)
    _add_participants(transaction, ticket.number, decision.cc, actor)
    if decision.by and decision.note:
        why = "Staff wrote it above a mail that they passed on."
        announce_note(transaction, ticket.number, decision.by.number, text=decision.note, reason=why)
    if decision.outcomes:
        add_command_answer(session, ticket.number, actor.number, decision.outcomes, transaction.row, decision.receipt)
    more = more_words(transaction.mail, decision.description, signs=decision.continues is not None)
    _keep_mail(transaction, ticket.number, None, more)
    # What nobody is known to have written has no author until staff accept one.
    author = None if nobody else actor.number
    return Fate(APPLIED, f"It opened {ticket.tag}. {decision.reason}", ticket=ticket.number, person=author)


def _keep_opened_for(transaction: MailTransaction, ticket: Ticket, opener: Person) -> None:
    """Keep that somebody opened a ticket for who phoned, so that `#undo` says that it stays."""
    owner = ticket.assignee.number if ticket.assignee else None
    before = kept_of([(ChangeKind.FOR, {})])
    keep_before(
        transaction.session,
        mail=transaction.row,
        person=opener.number,
        ticket=ticket.number,
        owner=owner,
        before=before,
    )


def write_ticket(transaction: MailTransaction, decision: OpenTicket, customer: Person, opener: Person) -> Ticket:
    """Write a new ticket with the owner whom routing chose, where they are still staff."""
    new = tickets.NewTicket(
        customer=customer,
        opener=opener,
        title=decision.title,
        description=decision.description,
        category=decision.category,
        priority=decision.priority,
        owner=transaction.find_colleague(decision.owner.number),
        choice=decision.owner,
    )
    return tickets.add_ticket(transaction.session, new, transaction.now)


def act(transaction: MailTransaction, decision: Act, deeds: Deeds = NO_DEEDS, *, keeps_mail: bool = True) -> Fate:
    """Write what a mail does to a ticket; one about many tickets belongs to none, so that none of them `keeps_mail`.

    `deeds` are what its commands did besides, kept for `#undo`.
    """
    session, person, changes = transaction.session, decision.person, decision.changes
    mark(session, actor=person.number, cause=transaction.row)
    ticket = transaction.facts.tickets[decision.ticket].ticket
    if decision.vouched and ticket.customer.is_nobody:
        sender = ensure_person(session, Address("", decision.vouched), transaction.now)
        tickets.give_to_sender(session, ticket, sender, person, transaction.now)
    if decision.accepted:
        _accept(transaction, ticket, decision.accepted)
    comment, note, text = None, None, _words(transaction, ticket, decision)
    if text and changes.note:
        note = announce_note(transaction, ticket.number, person.number, text=text, reason=decision.reason)
    elif text:
        comment = tickets.add_comment(session, ticket, person, text, transaction.now)
    _add_participants(transaction, ticket.number, decision.cc, person)
    if changes.leaves:
        leave_ticket(session, ticket.number, person.number)
    verified = not decision.proven or verify_address(session, person.number, transaction.now)
    owner = _change(transaction, ticket, changes, person)
    before = before_of(ticket, person, changes, _written(decision, comment, note, deeds), owner)
    keep_before(session, mail=transaction.row, person=person.number, ticket=ticket.number, owner=owner, before=before)
    if changes.merge_into is not None:
        _merge(transaction, ticket, changes.merge_into, decision)
    # Staff get an answer to every command; a customer's status mail already says what was done, and shows nothing else.
    told_otherwise = not person.is_staff and changes.status is not None
    if decision.receipt or (decision.outcomes and (not told_otherwise or any(one.ask for one in decision.outcomes))):
        answers = session, ticket.number, person.number, decision.outcomes, transaction.row
        add_command_answer(*answers, decision.receipt)
    if keeps_mail:
        _keep_mail(transaction, ticket.number, comment, more_words(transaction.mail, decision.text, signs=True))
    reason = f"It belongs to {ticket.tag}. {decision.reason}"
    evidence = {} if verified else {"account": WHY_UNVERIFIED}
    if decision.vouched:
        evidence[ACCEPTS] = "It vouches for the sender whom our mail server denied when the ticket was opened."
    return Fate(APPLIED, reason, evidence, ticket=ticket.number, person=person.number)


def _words(transaction: MailTransaction, ticket: Ticket, decision: Act) -> str:
    """The text of a decision; a public one says where a merged ticket goes on."""
    if decision.changes.merge_into is None or decision.changes.note:
        return decision.text
    return with_pointer(decision.text, _pointer(transaction, ticket, decision.changes.merge_into))


def _pointer(transaction: MailTransaction, ticket: Ticket, into: int) -> str:
    """Where a ticket goes on, in the language of its customer."""
    services = transaction.services
    box = next((box for box in services.settings.mailbox if box.name == transaction.facts.mailbox), None)
    language = services.language_of(ticket.customer, box)
    return services.renderer.words(language).say(merge_pointer(transaction.facts.tickets[into].ticket))


def keep_note(transaction: MailTransaction, decision: KeepNote) -> Fate:
    """Write a note that only staff see, with its mail; its author stays open where nobody has the sender's address."""
    author = find_person(transaction.session, decision.sender.email)
    number = author.number if author else None
    announce_note(transaction, decision.ticket, number, text=decision.text, reason=decision.reason)
    _keep_mail(transaction, decision.ticket, None, more_words(transaction.mail, decision.text, signs=False))
    return Fate(APPLIED, f"It is a note on SD-{decision.ticket}. {decision.reason}", ticket=decision.ticket)


def announce_note(transaction: MailTransaction, ticket: int, author: int | None, *, text: str, reason: str) -> int:
    """Keep an internal note that came with this mail, and its event, which tells the staff of the ticket of today's.

    `ticket` and `author` are numbers; `reason` is why it is a note. Returns its id.
    """
    imported = transaction.facts.imported
    written_at = imported.at if imported else None
    note = NewNote(
        ticket=ticket, author=author, ledger_id=transaction.row, text=text, reason=reason, written_at=written_at
    )
    kept = add_note(transaction.session, note)
    if not imported:
        add_note_event(transaction.session, ticket, kept, author, transaction.row)
    return kept


def _add_participants(transaction: MailTransaction, ticket: int, addresses: Sequence[Address], adder: Person) -> None:
    """Let people take part; who has no person yet is kept by address until they write or are written to."""
    session = transaction.session
    for address in addresses:
        person = find_person(session, address.email)
        if person:
            add_participant(session, ticket, person.number)
        else:
            add_guest(session, ticket, address, adder.number)


def _keep_mail(transaction: MailTransaction, ticket: int, comment: str | None, more: MoreWords = NO_MORE_WORDS) -> None:
    """Keep what came with the mail: its files, its ids for threading, what trimming took off, and its other words."""
    session, row, mail = transaction.session, transaction.row, transaction.mail
    if mail.attachments:
        attach(session, row, ticket, comment, mail)
    keep_reading_and_ids(session, row, ticket, comment, mail, more)


def _accept(transaction: MailTransaction, ticket: Ticket, accepted: Accepted) -> None:
    """Make a note the comment of who wrote it, who takes part from now on; nothing where it was accepted before."""
    session, now = transaction.session, transaction.now
    if not accept_note(session, accepted.note):
        return
    author = ensure_person(session, accepted.sender, now)
    add_participant(session, ticket.number, author.number)
    comment = tickets.add_comment(session, ticket, author, accepted.text, now)
    move_to_comment(session, accepted.note, comment, author.number)


def _written(decision: Act, comment: str | None, note: int | None, deeds: Deeds) -> Written:
    """What a decision wrote beside the fields of its ticket; the ids are those of its comment and its note."""
    accepted, sender = decision.accepted is not None, bool(decision.vouched)
    return Written(comment, note, people=bool(decision.cc), accepted=accepted, sender=sender, deeds=deeds)


def _change(transaction: MailTransaction, ticket: Ticket, changes: Changes, actor: Person) -> int | None:
    """Write the fields that change; the number of who has the ticket afterwards."""
    session, now = transaction.session, transaction.now
    if changes.status and changes.status is not ticket.status:
        tickets.set_status(session, ticket, changes.status, actor, now)
    if changes.priority and changes.priority is not ticket.priority:
        tickets.set_priority(session, ticket, changes.priority, actor, now)
    if changes.category and changes.category is not ticket.category:
        tickets.set_category(session, ticket, changes.category, actor, now)
    owner = ticket.assignee
    if changes.assignee is not None:
        owner = transaction.find_colleague(changes.assignee)
        tickets.set_assignee(session, ticket, owner, actor, now)
    return owner.number if owner else None


def _merge(transaction: MailTransaction, ticket: Ticket, into: int, decision: Act) -> None:
    """Make a ticket part of another one; the people of both learn where it goes on."""
    session, now, actor = transaction.session, transaction.now, decision.person
    target = transaction.facts.tickets[into].ticket
    merge_ticket(session, ticket.number, target.number, ticket.customer.number)
    tickets.add_activity(session, ticket.ticket_id, actor, "updated", f"Merged into {target.tag}", now)
    tickets.add_activity(session, target.ticket_id, actor, "updated", f"{ticket.tag} merged into this ticket", now)
    if decision.changes.note:
        tickets.add_comment(session, ticket, actor, _pointer(transaction, ticket, into), now)
    # The note is for whoever works on the ticket, now or later.
    note = transaction.services.renderer.words(transaction.services.settings.desk.language).say(merge_note(ticket))
    announce_note(transaction, target.number, actor.number, text=note, reason=WHY_MERGE_IS_NOTED)
