"""Rules on mail that is about no ticket: commands that need none, in a mail of their own, and absences of staff."""

from datetime import timedelta

from desk.commands.command import Needs, Order, Setting
from desk.commands.days import READ_CHARACTERS, read_absence_end
from desk.commands.each.away import Away
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import COMMANDS, CUSTOMERS_MAY
from desk.intake.assessment import Assessment
from desk.intake.decision import Absence, Decision, Personal
from desk.intake.objections import UNSURE, own_words
from desk.ticket import Person, Ticket
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind
from mail.quoting.reply import visible_reply

# What is assumed where an out-of-office answer gives no date.
UNSTATED = timedelta(days=1)
# What a mail of staff with so much power may ask for off a ticket (docs/security.md#what-a-mail-may-do).
OFF_TICKET = {
    Power.FULL: frozenset(name for name, command in COMMANDS.items() if command.anywhere),
    Power.READ: frozenset(name for name, one in COMMANDS.items() if one.anywhere and one.needs is Needs.READ),
}
# With these a mail of a customer is proven, by a pass or a token.
PROVEN_CUSTOMERS = frozenset({Power.FULL, Power.NO_CC, Power.ANSWERED})
# What customers may ask for off a ticket; what their mail then opens no ticket for is to be read, not only `#help`.
OF_CUSTOMERS = OFF_TICKET[Power.READ] & frozenset(CUSTOMERS_MAY)
READS = OF_CUSTOMERS - {"help"}


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
    return Personal(assessment.staff, Absence(until, reason), (), reason)


def personal_commands(assessment: Assessment) -> Decision | None:
    """A mail of staff that holds only commands of OFF_TICKET is carried out, and answered at their stored address."""
    allowed = OFF_TICKET.get(assessment.trust.power)
    if assessment.staff is None or allowed is None:
        return None
    orders = _only_orders(assessment, staff=True) or _orders_in_subject(assessment)
    names = {order.name for order in orders}
    if not names or names - allowed or (assessment.ticket and any(COMMANDS[name].here for name in names)):
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
    """The reading command that is the whole subject of a mail without words, which may have a signature."""
    mail, subject = assessment.mail, assessment.mail.subject.strip()
    orders = parse_reply(subject, staff=True).orders
    # A signature is known by what stands above it.
    whole = visible_reply(f"{subject}\n\n{mail.text}") if orders else None
    if whole is None or whole.reply.strip() != subject or whole.removed.strip() or mail.attachments:
        return ()
    return tuple(order for order in orders if order.name in OFF_TICKET[Power.READ])


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
    absences = [Absence(one.until, one.reason) for one in changes.effects if isinstance(one, Away)]
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
