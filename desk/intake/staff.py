"""Rules on mail of staff: it is held without proof; else an answer, a note, commands, or a mail passed on."""

from collections.abc import Sequence
from dataclasses import replace

from desk.commands.command import Changes, CommandAnswer
from desk.commands.obey import obey
from desk.intake.assessment import Assessment, text_of
from desk.intake.cc import new_participants, setting_of
from desk.intake.decision import Accepted, Act, Decision, Hold, OpenTicket, Wait
from desk.intake.new_ticket import open_passed_on
from desk.intake.objections import SEND_AGAIN, objection, objection_to_added, own_words, ticket_taken_away
from desk.notices.held import Question, Receipt, WholeMail
from desk.ticket import AFTER_STAFF, Person, Ticket
from desk.tokens import ReplyKind, is_ours
from desk.trust.judge import Power, Proof, Shown, can_be_seen
from desk.trust.missing import Missing, find_missing, why_held
from desk.trust.threads import Void, grants_to_spend
from mail.inbound.message import InboundMail
from mail.outbound.catalogue import said
from mail.quoting.forward import read_forward

CONFIRM_IT = said("held.confirm_it")
TOO_LONG = said("held.too_long")
ANSWER_A_NOTIFICATION = said("held.answer_a_notification")
# It stands where the line of a command stands.
YOUR_MAIL = ""
SENT = said("commands.sent")
KEPT = said("commands.kept")
OPENED = said("commands.opened")
WAITS_FOR_AUTHOR = "A colleague answered after the mail that it answers, so it waits for a word of its author."


def missing_of(assessment: Assessment) -> Missing:
    """What a mail lacks to be believed."""
    return find_missing(assessment.thread, assessment.trust, by_form=assessment.facts.by_form)


def passed_on(assessment: Assessment) -> Decision | None:
    """A mail passed on by staff opens a ticket for the sender in the outermost forward block."""
    staff = assessment.staff
    if (
        staff is None
        or assessment.trust.power not in {Power.FULL, Power.READ}
        or assessment.trust.shown is not Shown.NONE
    ):
        return None
    forward = read_forward(assessment.mail.text, assessment.mail.subject)
    if forward is None or not forward.from_email or is_ours(forward.from_email, assessment.policy.own_addresses):
        return None
    ticket = open_passed_on(assessment.mail, forward, staff, assessment.facts, assessment.policy)
    return opened_by_staff(ticket, author=staff.email)


def staff_without_power(assessment: Assessment) -> Decision | None:
    """Mail of staff that has less than full power is held, and its sender is asked to confirm it."""
    if assessment.staff is None or assessment.trust.power is Power.FULL:
        return None
    seen = can_be_seen(assessment.mail)
    return Hold(
        assessment.staff,
        why_held(assessment.thread, missing_of(assessment)),
        CONFIRM_IT if seen else TOO_LONG,
        whole=_whole(assessment.mail, seen=seen),
        question=_question(assessment),
        finding=f"{assessment.thread.sentence} {assessment.trust.sentence}",
    )


def _question(assessment: Assessment) -> Question:
    """By what the question gets its turn; a program that answers our questions makes no question at once of each."""
    if assessment.trust.shown is Shown.OWN and assessment.answer_kind is not ReplyKind.CONFIRM:
        return Question.TOKEN
    if assessment.thread.void is Void.SPENT and assessment.trust.proof is Proof.CLAIMED:
        return Question.SPENT
    return Question(assessment.trust.proof)


def _whole(mail: InboundMail, *, seen: bool) -> WholeMail:
    """The mail as its question quotes it; of one that is too long only its time."""
    sent = mail.date.isoformat() if mail.date else ""
    if not seen:
        return WholeMail(None, sent, (), (), ())
    return WholeMail(
        text=mail.text,
        sent=sent,
        recipients=tuple(dict.fromkeys(address.email for address in (*mail.to, *mail.cc))),
        commands=tuple(order.line for order in own_words(mail, staff=True).orders),
        files=tuple((file.filename, len(file.content)) for file in mail.attachments),
    )


def staff_off_ticket(assessment: Assessment) -> Decision | None:
    """An answer of staff to a mail that takes no answer, or whose ticket is gone, is held."""
    if assessment.staff is None or assessment.is_on_ticket:
        return None
    # A mail of staff that answers nothing, and that they confirmed, is a request like any other.
    if assessment.facts.confirmed and assessment.answer_kind is None:
        return None
    listed = assessment.reading
    advice = said("held.answer_a_row") if listed and listed.tickets else ANSWER_A_NOTIFICATION
    return Hold(assessment.staff, said("held.takes_no_answer"), advice)


def staff_on_ticket(assessment: Assessment) -> Decision | None:
    """Mail of staff on a ticket becomes a public answer or a note, and its commands are carried out."""
    sender, ticket = assessment.staff, assessment.ticket
    if sender is None or ticket is None:
        return None
    if taken := ticket_taken_away(assessment):
        return Hold(sender, taken, said("held.ask_its_owner"))
    words = own_words(assessment.mail, staff=True)
    reason = objection(assessment, words)
    if reason:
        is_note = assessment.answer_kind is ReplyKind.NOTE
        return answered_on_ticket(assessment, Hold(sender, reason, SEND_AGAIN), internal=is_note)
    note = _answered_note(assessment)
    setting = replace(setting_of(assessment, sender, answers_note=note is not None), below=words.below)
    changes, outcomes = obey(words.orders, setting)
    internal = changes.note or assessment.answer_kind is ReplyKind.NOTE
    words = words.with_answer(changes.answer)
    if changes.answer and not internal and (reason := objection_to_added(assessment, words)):
        return answered_on_ticket(assessment, Hold(sender, reason, SEND_AGAIN), internal=False)
    text = text_of(assessment.mail, words)
    if text and not internal and (comments := _told_of_none(assessment, sender, ticket)):
        return Wait(sender, ticket.number, comments, WAITS_FOR_AUTHOR)
    changes = replace(with_status(changes, ticket, answered=bool(text) and not internal), note=internal)
    receipt = receipt_of(assessment, internal=internal, answered=bool(outcomes))
    return Act(
        person=sender,
        ticket=ticket.number,
        text=text,
        changes=changes,
        outcomes=outcomes_with(receipt, outcomes, text, internal=internal),
        reason=assessment.thread.sentence,
        cc=() if internal else new_participants(assessment, ticket),
        accepted=note if changes.accept else None,
        vouched=ticket.unproven if changes.accept and note is None else "",
        proven=assessment.is_proven,
        receipt=receipt,
    )


def with_status(changes: Changes, ticket: Ticket, *, answered: bool) -> Changes:
    """The changes with the status that a public answer gives a ticket, where no command gives it one."""
    by_answer = AFTER_STAFF[ticket.status]
    if changes.status or not answered or by_answer is ticket.status:
        return changes
    return replace(changes, status=by_answer)


def _told_of_none(assessment: Assessment, author: Person, ticket: Ticket) -> tuple[str, ...]:
    """The comments of colleagues since the mail that an answer answers, of which its author was not told.

    Who wrote to the ticket afterwards, or was asked about these comments before, knows of them. An answer waits once.
    """
    grant = assessment.thread.grant
    answered = assessment.facts.answered.get(grant.id) if grant else None
    if grant is None or answered is None or assessment.facts.waited:
        return ()
    unknown: list[str] = []
    for words in answered.later:
        if words.ticket not in (ticket.number, grant.ticket):
            continue
        if words.author == author.number:
            unknown.clear()
        elif words.comment and words.author != ticket.customer.number:
            unknown.append(words.comment)
    return tuple(unknown)


def _answered_note(assessment: Assessment) -> Accepted | None:
    """The note that the answered mail was about, where its author is not staff."""
    grant = assessment.thread.grant
    answered = assessment.facts.answered.get(grant.id) if grant else None
    if answered is None or answered.note is None or answered.note_sender is None:
        return None
    return Accepted(answered.note, answered.note_sender, answered.note_text)


def receipt_of(assessment: Assessment, *, internal: bool, answered: bool) -> Receipt | None:
    """How a mail of staff on a ticket is answered where its commands are not all that its author has to hear.

    They see no more of a mail than that it left, so a confirmed one is answered unless its commands are (`answered`).
    Where others have seen the signed address that it went to, or see it now, that counts no longer, and the answer
    brings a new one.
    """
    staff, facts, own = assessment.staff, assessment.facts, assessment.policy.own_addresses
    if staff is None:
        return None
    shown = (facts.grants[id_] for id_ in grants_to_spend(assessment.mail, facts, assessment.policy))
    shows_own = any(grant.person == staff.number for grant in shown)
    if not (shows_own or assessment.thread.void is Void.SPENT):
        return Receipt(public=not internal) if facts.confirmed and not answered else None
    others = (address.email for address in (*assessment.mail.to, *assessment.mail.cc))
    seen_by = dict.fromkeys(one for one in others if one != staff.email and not is_ours(one, own))
    return Receipt(public=not internal, spent=True, seen_by=tuple(seen_by) if shows_own else ())


def outcomes_with(
    receipt: Receipt | None, outcomes: Sequence[CommandAnswer], text: str, *, internal: bool
) -> tuple[CommandAnswer, ...]:
    """What became of the text, where there is a receipt, and of each command."""
    if receipt is None or not text:
        return tuple(outcomes)
    return CommandAnswer(YOUR_MAIL, done=True, sentence=KEPT if internal else SENT), *outcomes


def opened_by_staff(ticket: OpenTicket, *, author: str) -> OpenTicket:
    """A ticket that a mail of staff opens, of which its author is told; `author` is their address."""
    customer = ticket.sender.email
    sentence = OPENED if customer == author else said("commands.opened_for", email=customer)
    return replace(
        ticket, outcomes=(CommandAnswer(YOUR_MAIL, done=True, sentence=sentence),), receipt=Receipt(public=True)
    )


def answered_on_ticket(assessment: Assessment, hold: Hold, *, internal: bool) -> Hold:
    """A mail of full power that has to be mended, told on its ticket where its author has no live address for it.

    The address that it went to is spent now, or it had to be confirmed, and would have to be once more.
    """
    receipt = receipt_of(assessment, internal=internal, answered=False)
    if receipt is None or assessment.ticket is None:
        return hold
    refused = CommandAnswer(YOUR_MAIL, done=False, sentence=said("commands.mend_here", reason=hold.told))
    return replace(hold, ticket=assessment.ticket.number, outcomes=(refused,), receipt=receipt)
