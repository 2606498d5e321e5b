"""The rule on `#undo`: it takes back what its author's last mail did."""

from desk.commands.each.undo import COMMAND as UNDO
from desk.commands.lines.parser import CommandLines
from desk.intake.assessment import Assessment, text_of
from desk.intake.customer import permitted_words
from desk.intake.decision import Decision, Hold, TakeBack
from desk.intake.objections import SEND_AGAIN, objection, own_words
from desk.intake.staff import answered_on_ticket, receipt_of
from desk.ticket import Person
from desk.tokens import ReplyKind
from desk.trust.judge import Power
from mail.outbound.catalogue import said


def take_back(assessment: Assessment) -> Decision | None:
    """`#undo` takes back what the author's last mail did: on the ticket that it is written on, or else at all.

    In a mail of staff it stands alone: of words beside it nobody knows whether they are still meant. Customers write it
    on their own request.
    """
    staff = assessment.staff
    words = own_words(assessment.mail, staff=True) if staff else permitted_words(assessment)
    if all(order.name != UNDO.name for order in words.orders):
        return None
    if staff is not None:
        return _of_staff(assessment, staff, words) if assessment.trust.power is Power.FULL else None
    sender, ticket = assessment.sender, assessment.ticket
    if sender is None or ticket is None or not assessment.thread.fits or ticket.customer.number != sender.number:
        return None
    return _decision(assessment, sender, words) if _stands_alone(assessment, words) else None


def _of_staff(assessment: Assessment, staff: Person, words: CommandLines) -> Decision:
    internal = assessment.answer_kind is ReplyKind.NOTE
    reason = None if _stands_alone(assessment, words) else said("held.undo_alone")
    if reason is None and assessment.is_on_ticket:
        reason = objection(assessment, words)
    if reason:
        return answered_on_ticket(assessment, Hold(staff, reason, SEND_AGAIN), internal=internal)
    return _decision(assessment, staff, words)


def _stands_alone(assessment: Assessment, words: CommandLines) -> bool:
    return len(words.orders) == 1 and not words.orders[0].argument and not text_of(assessment.mail, words)


def _decision(assessment: Assessment, person: Person, words: CommandLines) -> TakeBack:
    ticket, grant = assessment.ticket, assessment.thread.grant
    # The mail that is answered may be about a ticket that became part of this one, by the very mail that is taken back.
    numbers = (ticket.number if ticket else None, grant.ticket if grant else None)
    on = tuple(dict.fromkeys(one for one in numbers if one)) if assessment.is_on_ticket else ()
    receipt = receipt_of(assessment, internal=True, answered=True)
    reason = f"{person.email} takes their last mail back. {assessment.thread.sentence}"
    return TakeBack(person, on, words.orders[0].line, reason, receipt=receipt)
