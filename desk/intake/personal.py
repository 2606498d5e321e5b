"""Rules on mail in which staff write about themselves and not about a ticket: commands that need none, absences."""

from desk.commands.command import Needs, Setting
from desk.commands.days import read_absence_end
from desk.commands.each.away import Away
from desk.commands.obey import obey
from desk.commands.table import COMMANDS
from desk.intake.absence import UNSTATED, Absence, own_words_of_absence
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision, Personal
from desk.intake.objections import UNSURE, own_words
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind

# What a mail with so much power may ask for off a ticket (docs/security.md#what-a-mail-may-do).
OFF_TICKET = {
    Power.FULL: frozenset(name for name, command in COMMANDS.items() if command.anywhere),
    Power.READ: frozenset(name for name, one in COMMANDS.items() if one.anywhere and one.needs is Needs.READ),
}


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
