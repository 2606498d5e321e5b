"""Rules on mail that is about no ticket: commands that need none, absences of staff, tickets for who phoned."""

from dataclasses import replace
from datetime import timedelta

from desk.commands.arguments.days import READ_CHARACTERS, read_absence_end
from desk.commands.command import CommandAnswer, Needs, Order, Setting, Undo
from desk.commands.each.away import Away
from desk.commands.each.for_caller import COMMAND as FOR
from desk.commands.each.for_caller import read_caller
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import COMMANDS, CUSTOMERS_MAY
from desk.intake.assessment import Assessment, text_of
from desk.intake.cc import desk_circle, setting_of
from desk.intake.decision import Decision, Hold, Personal
from desk.intake.new_ticket import open_by_staff
from desk.intake.objections import SEND_AGAIN, UNSURE, objection, own_words
from desk.notices.held import Receipt
from desk.ticket import Person, Ticket
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind
from mail.outbound.catalogue import Said, said
from mail.quoting.reply import visible_reply

# What is assumed where an out-of-office answer gives no date.
UNSTATED = timedelta(days=1)
# What a mail of staff with so much power may ask for off a ticket (docs/security.md#what-a-mail-may-do).
OFF_TICKET = {
    Power.FULL: frozenset(name for name, command in COMMANDS.items() if command.anywhere),
    Power.READ: frozenset(name for name, one in COMMANDS.items() if one.anywhere and one.needs is Needs.READ),
}
# What a subject may ask for, and what alone makes a mail of a customer no request: they change nothing.
CHANGE_NOTHING = frozenset(name for name in OFF_TICKET[Power.READ] if COMMANDS[name].undo is Undo.NOTHING)
# With these a mail of a customer is proven, by a pass or a token.
PROVEN_CUSTOMERS = frozenset({Power.FULL, Power.NO_CC, Power.ANSWERED})
# What customers may ask for off a ticket; `#help` alone is a request of somebody who needs more than that.
OF_CUSTOMERS = CHANGE_NOTHING & frozenset(CUSTOMERS_MAY)
READS = OF_CUSTOMERS - {"help"}

UNTOLD = "Staff opened it for who phoned, and tell them of it by #tell."


def out_of_office(assessment: Assessment) -> Decision | None:
    """An out-of-office answer of staff to a mail of ours counts as their absence, where it is proven to be theirs."""
    if assessment.staff is None or assessment.mail.kind is not MailKind.AUTOMATIC or not assessment.mail.refers:
        return None
    if assessment.trust.proof is not Proof.PROVEN:
        return None
    now = assessment.facts.now
    mail = assessment.mail
    # Where own words could not be told from a quote, a day in them may be anybody's.
    words = _own_words_of_absence(mail.reply, mail.subject, assessment.ticket) if mail.confidence > UNSURE else ""
    until = read_absence_end(words, now, assessment.policy.limits.absence_days) or now + UNSTATED
    reason = f"{assessment.staff.email} is away until {until:%Y-%m-%d}: {assessment.mail.automatic}"
    return Personal(assessment.staff, Away(until, reason), (), reason)


def personal_commands(assessment: Assessment) -> Decision | None:
    """A mail of staff that holds only commands of OFF_TICKET is carried out, and answered at their stored address.

    A word that is no command is answered, too, where the mail is about no ticket, of which it might be a change.
    """
    allowed = OFF_TICKET.get(assessment.trust.power)
    if assessment.staff is None or allowed is None:
        return None
    orders = _only_orders(assessment, staff=True) or _orders_in_subject(assessment)
    names = {order.name for order in orders}
    unknown = frozenset[str]() if assessment.ticket else names - COMMANDS.keys()
    if not names or names - allowed - unknown:
        return None
    if assessment.ticket and any(COMMANDS[name].here for name in names):
        return None
    if not _suffices(assessment.trust.power, orders):
        return None
    return _carried_out(assessment, assessment.staff, orders)


def customers_questions(assessment: Assessment) -> Decision | None:
    """A proven mail of a customer that only asks to read is answered at their stored address, and opens no ticket.

    One that proves nothing is a request like any other, so that its sender learns nothing of who is known here.
    """
    sender = assessment.sender
    if sender is None or sender.is_staff or assessment.trust.power not in PROVEN_CUSTOMERS:
        return None
    if assessment.mail.kind is not MailKind.PERSON:
        return None
    orders = _only_orders(assessment, staff=False)
    names = {order.name for order in orders}
    if names - OF_CUSTOMERS or not names & READS:
        return None
    return _carried_out(assessment, sender, orders)


def _only_orders(assessment: Assessment, *, staff: bool) -> tuple[Order, ...]:
    """The commands of a mail that holds nothing else."""
    words = own_words(assessment.mail, staff=staff)
    return () if words.text else words.orders


def _orders_in_subject(assessment: Assessment) -> tuple[Order, ...]:
    """The command that is the whole subject of a mail without words, which may have a signature."""
    mail, subject = assessment.mail, assessment.mail.subject.strip()
    orders = parse_reply(subject, staff=True).orders
    # A signature is known by what stands above it.
    whole = visible_reply(f"{subject}\n\n{mail.text}") if orders else None
    if whole is None or whole.reply.strip() != subject or whole.removed.strip() or mail.attachments:
        return ()
    return tuple(order for order in orders if order.name in COMMANDS and _only_tells(order))


def _only_tells(order: Order) -> bool:
    return order.name in OFF_TICKET[Power.READ] and COMMANDS[order.name].changes_nothing(order.argument)


def _suffices(power: Power, orders: tuple[Order, ...]) -> bool:
    """Whether what a mail shows is enough for its commands with what stands behind their names."""
    known = ((COMMANDS[one.name], one.argument) for one in orders if one.name in COMMANDS)
    return power is Power.FULL or all(command.needs_for(argument) is Needs.READ for command, argument in known)


def _carried_out(assessment: Assessment, person: Person, orders: tuple[Order, ...]) -> Personal:
    known = assessment.ticket
    takes_part = known is not None and (person.is_staff or known.customer.number == person.number)
    setting = Setting(
        person,
        # What is asked about the ticket of the mail is about that one; a guest has none of their own there.
        known if takes_part else None,
        assessment.facts.candidates if person.is_staff else (),
        tickets=assessment.named_tickets,
        now=assessment.facts.now,
        limits=assessment.policy.limits,
        alone=True,
        reading=assessment.reading,
    )
    changes, outcomes = obey(orders, setting)
    absences = [one for one in changes.effects if isinstance(one, Away)]
    who = "themselves" if person.is_staff else "their own requests"
    reason = f"{person.email} wrote about {who} only."
    return Personal(person, absences[-1] if absences else None, outcomes, reason)


def _own_words_of_absence(reply: str, subject: str, ticket: Ticket | None) -> str:
    """A program's answer without what it repeats: its subject, and the title and the lines of the ticket it answers.

    A title may name a day ("Our move on 20 January"), which is none of who is away.
    """
    told = {line.strip().lower() for line in ticket.description.splitlines()} if ticket else set[str]()
    lines = (line for line in reply[:READ_CHARACTERS].lower().splitlines() if line.strip() not in told)
    words = " ".join(" ".join(lines).split())
    titles = (*subject.split(":"), subject, ticket.title if ticket else "")
    for title in sorted({" ".join(one.lower().split()) for one in titles} - {""}, key=len, reverse=True):
        words = words.replace(title, " ; ")
    return words


def opened_for(assessment: Assessment) -> Decision | None:
    """A mail of staff about no ticket with `#for` opens one for who phoned, who is told nothing before `#tell`."""
    staff = assessment.staff
    if staff is None or assessment.ticket is not None or assessment.trust.power is not Power.FULL:
        return None
    orders = parse_reply(assessment.mail.reply, staff=True).orders
    if all(order.name != FOR.name for order in orders):
        return None
    words = own_words(assessment.mail, staff=True)
    if reason := objection(assessment, words):
        return Hold(staff, reason, SEND_AGAIN)
    setting = replace(setting_of(assessment, staff, answers_note=False), circle=desk_circle(assessment))
    order = next(order for order in orders if order.name == FOR.name)
    caller, text = read_caller(order.argument, setting), text_of(assessment.mail, words)
    if isinstance(caller, Said):
        return Hold(staff, caller, SEND_AGAIN)
    if not text or len(orders) > 1:
        return Hold(staff, said("writing.for_alone") if text else said("writing.for_without_text"), SEND_AGAIN)
    # The subject of an answer is that of our mail, which was about something else.
    subject = "" if assessment.answer_kind else assessment.mail.subject
    mail = replace(assessment.mail, subject=subject, reply=text)
    ticket = open_by_staff(mail, caller, staff, assessment.facts, assessment.policy)
    done = CommandAnswer(order.line, done=True, sentence=said("writing.opened_for", email=caller.email))
    return replace(ticket, outcomes=(done,), receipt=Receipt(public=True), unanswered=UNTOLD, untold=True)
