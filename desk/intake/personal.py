"""Rules on mail in which staff write about themselves and not about a ticket: `#away`, `#back`, `#help`, absences."""

from datetime import datetime

from desk.commands.help import INTRODUCTION, help_lines
from desk.commands.obey import STAFF_MAY, CommandAnswer, Order
from desk.intake.absence import UNSTATED, Absence, own_words_of_absence, read_absence_end
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision, Personal
from desk.intake.objections import UNSURE, own_words
from desk.ticket import Person
from desk.trust.judge import Power, Proof
from mail.inbound.message import MailKind
from mail.outbound.catalogue import said

# These need no more than the word of staff's own mail server (docs/security.md#what-a-mail-may-do).
PERSONAL = frozenset({"away", "back", "help"})


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
    """A mail of staff that holds only the commands of PERSONAL is carried out, and answered at their stored address."""
    if assessment.staff is None or assessment.trust.power not in {Power.FULL, Power.READ}:
        return None
    words = own_words(assessment.mail, staff=True)
    if words.text or not words.orders or {order.name for order in words.orders} - PERSONAL:
        return None
    most = assessment.policy.limits.absence_days
    obeyed = [_obey(order, assessment.staff, assessment.facts.now, most) for order in words.orders]
    absences = [absence for absence, _ in obeyed if absence]
    outcomes = tuple(outcome for _, outcome in obeyed)
    reason = f"{assessment.staff.email} wrote about themselves only."
    return Personal(assessment.staff, absences[-1] if absences else None, outcomes, reason)


def _obey(order: Order, person: Person, now: datetime, most: int) -> tuple[Absence | None, CommandAnswer]:
    if order.name == "help":
        return None, CommandAnswer(order.line, done=True, sentence=INTRODUCTION, detail=help_lines(person, STAFF_MAY))
    if order.name == "back":
        return Absence(now, "They said #back."), CommandAnswer(order.line, done=True, sentence=said("commands.back"))
    until = read_absence_end(order.argument, now, most)
    if until is None:
        return None, CommandAnswer(order.line, done=False, sentence=said("commands.write_until", count=most))
    sentence = said("commands.away", day=f"{until:%Y-%m-%d}")
    return Absence(until, "They said #away."), CommandAnswer(order.line, done=True, sentence=sentence)
