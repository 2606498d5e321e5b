"""Rules on mail that is about its author: commands that need no ticket, absences, and `#undo` of their last mail."""

from desk.commands.command import Needs, Setting
from desk.commands.days import read_absence_end
from desk.commands.each.away import Away
from desk.commands.each.undo import COMMAND as UNDO
from desk.commands.lines.parser import CommandLines
from desk.commands.obey import obey
from desk.commands.table import COMMANDS
from desk.intake.absence import UNSTATED, Absence, own_words_of_absence
from desk.intake.assessment import Assessment, text_of
from desk.intake.decision import Decision, Hold, Personal, TakeBack
from desk.intake.objections import SEND_AGAIN, UNSURE, objection, own_words
from desk.intake.staff import TAKE_NO_ANSWER, answered_on_ticket, receipt_of
from desk.ticket import Person
from desk.tokens import ReplyKind
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind
from mail.outbound.catalogue import said

# What a mail with so much power may ask for off a ticket (docs/security.md#what-a-mail-may-do).
OFF_TICKET = {
    Power.FULL: frozenset(name for name, command in COMMANDS.items() if command.anywhere),
    Power.READ: frozenset(name for name, one in COMMANDS.items() if one.anywhere and one.needs is Needs.READ),
}
# By so much power may a customer give commands.
COMMANDING = frozenset({Power.FULL, Power.NO_CC})


def out_of_office(assessment: Assessment) -> Decision | None:
    """An out-of-office answer of staff to a mail of ours counts as their absence, where it is proven to be theirs."""
    if assessment.staff is None or assessment.mail.kind is not MailKind.AUTOMATIC or not assessment.mail.refers:
        return None
    if assessment.trust.proof is not Proof.PROVEN:
        return None
    now = assessment.facts.now
    mail = assessment.mail
    # Where own words could not be told from a quote, a day in them may be anybody's.
    words = own_words_of_absence(mail.reply, mail.subject, assessment.ticket) if mail.confidence > UNSURE else ""
    until = read_absence_end(words, now, assessment.policy.limits.absence_days) or now + UNSTATED
    reason = f"{assessment.staff.email} is away until {until:%Y-%m-%d}: {assessment.mail.automatic}"
    return Personal(assessment.staff, Absence(until, reason), (), reason)


def personal_commands(assessment: Assessment) -> Decision | None:
    """A mail of staff that holds only commands of OFF_TICKET is carried out, and answered at their stored address."""
    allowed = OFF_TICKET.get(assessment.trust.power)
    if assessment.staff is None or allowed is None:
        return None
    words = own_words(assessment.mail, staff=True)
    if words.text or not words.orders or {order.name for order in words.orders} - allowed:
        return None
    setting = Setting(
        assessment.staff,
        None,
        assessment.facts.candidates,
        now=assessment.facts.now,
        limits=assessment.policy.limits,
        alone=True,
    )
    changes, outcomes = obey(words.orders, setting)
    absences = [Absence(one.until, one.reason) for one in changes.effects if isinstance(one, Away)]
    reason = f"{assessment.staff.email} wrote about themselves only."
    return Personal(assessment.staff, absences[-1] if absences else None, outcomes, reason)


def take_back(assessment: Assessment) -> Decision | None:
    """`#undo` takes back what the author's last mail did: on the ticket that it is written on, or else at all.

    In a mail of staff it stands alone: of words beside it nobody knows whether they are still meant. Customers write it
    on their own request.
    """
    staff = assessment.staff
    words = own_words(assessment.mail, staff=staff is not None)
    if all(order.name != UNDO.name for order in words.orders):
        return None
    if staff is not None:
        return _of_staff(assessment, staff, words) if assessment.trust.power is Power.FULL else None
    sender, ticket = assessment.sender, assessment.ticket
    if sender is None or ticket is None or not assessment.thread.fits or ticket.customer.number != sender.number:
        return None
    known = assessment.known_ticket.commands if assessment.known_ticket else frozenset[str]()
    may_command = assessment.trust.power in COMMANDING and assessment.mail.kind is MailKind.PERSON
    if not may_command or not _stands_alone(assessment, words) or words.orders[0].line in known:
        return None
    return _decision(assessment, sender, words)


def _of_staff(assessment: Assessment, staff: Person, words: CommandLines) -> Decision:
    internal = assessment.answer_kind is ReplyKind.NOTE
    reason = None if _stands_alone(assessment, words) else said("held.undo_alone")
    if reason is None and _is_on_ticket(assessment):
        reason = objection(assessment, words)
    if reason:
        return answered_on_ticket(assessment, Hold(staff, reason, SEND_AGAIN), internal=internal)
    return _decision(assessment, staff, words)


def _stands_alone(assessment: Assessment, words: CommandLines) -> bool:
    return len(words.orders) == 1 and not words.orders[0].argument and not text_of(assessment.mail, words)


def _is_on_ticket(assessment: Assessment) -> bool:
    return assessment.ticket is not None and assessment.answer_kind not in TAKE_NO_ANSWER


def _decision(assessment: Assessment, person: Person, words: CommandLines) -> TakeBack:
    ticket, grant = assessment.ticket, assessment.thread.grant
    # The mail that is answered may be about a ticket that became part of this one, by the very mail that is taken back.
    numbers = (ticket.number if ticket else None, grant.ticket if grant else None)
    on = tuple(dict.fromkeys(one for one in numbers if one)) if _is_on_ticket(assessment) else ()
    receipt = receipt_of(assessment, internal=True, answered=True)
    reason = f"{person.email} takes their last mail back. {assessment.thread.sentence}"
    return TakeBack(person, on, words.orders[0].line, reason, receipt=receipt)
