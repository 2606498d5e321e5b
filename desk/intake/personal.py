"""Rules on mail in which staff write about no ticket: commands that need none, absences, tickets for who phoned."""

from dataclasses import replace

from desk.commands.command import CommandAnswer, Needs, Setting
from desk.commands.days import read_absence_end
from desk.commands.each.away import Away
from desk.commands.each.for_caller import COMMAND as FOR
from desk.commands.each.for_caller import read_caller
from desk.commands.lines.parser import parse_reply
from desk.commands.obey import obey
from desk.commands.table import COMMANDS
from desk.intake.absence import UNSTATED, Absence, own_words_of_absence
from desk.intake.assessment import Assessment, text_of
from desk.intake.cc import desk_circle, setting_of
from desk.intake.decision import Decision, Hold, Personal
from desk.intake.new_ticket import open_by_staff
from desk.intake.objections import SEND_AGAIN, UNSURE, objection, own_words
from desk.notices.held import Receipt
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind
from mail.outbound.catalogue import Said, said

# What a mail with so much power may ask for off a ticket (docs/security.md#what-a-mail-may-do).
OFF_TICKET = {
    Power.FULL: frozenset(name for name, command in COMMANDS.items() if command.anywhere),
    Power.READ: frozenset(name for name, one in COMMANDS.items() if one.anywhere and one.needs is Needs.READ),
}

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
    names = {order.name for order in words.orders}
    if words.text or not names or names - allowed or (assessment.ticket and any(COMMANDS[name].here for name in names)):
        return None
    setting = Setting(
        assessment.staff,
        None,
        assessment.facts.candidates,
        tickets=assessment.named_tickets,
        now=assessment.facts.now,
        limits=assessment.policy.limits,
        alone=True,
    )
    changes, outcomes = obey(words.orders, setting)
    absences = [Absence(one.until, one.reason) for one in changes.effects if isinstance(one, Away)]
    reason = f"{assessment.staff.email} wrote about themselves only."
    return Personal(assessment.staff, absences[-1] if absences else None, outcomes, reason)


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
