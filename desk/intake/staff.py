"""Rules on mail of staff: it is held without proof; else an answer, a note, commands, or a mail passed on."""

from collections.abc import Sequence
from dataclasses import replace

from desk.commands.confirming import CONFIRM, Unclear, read_choice
from desk.commands.merging import with_pointer
from desk.commands.obey import Setting, obey
from desk.commands.waiting import read_wish
from desk.facts import ListedMail
from desk.intake.assessment import Assessment, text_of
from desk.intake.cc import new_participants
from desk.intake.decision import Accepted, Act, Decision, EndWait, Hold, Release, Wait
from desk.intake.new_ticket import open_passed_on
from desk.intake.objections import SEND_AGAIN, objection, own_words
from desk.notices.events import Question, WholeMail
from desk.ticket import AFTER_STAFF, Person, Ticket
from desk.tokens import ReplyKind, is_ours
from desk.trust.judge import Power, Shown, can_be_seen
from desk.trust.threads import Void
from mail.auth.results import AuthOutcome
from mail.inbound.message import InboundMail, MailKind
from mail.quoting.forward import read_forward

CONFIRM_IT = (
    f"If you wrote it, answer this mail with {CONFIRM} as its first word within 72 hours, and it is carried out. "
    "If you did not, do nothing: then nothing happens, and somebody uses your address."
)
TOO_LONG = (
    "It is too long to be shown here, and only what you have seen can be confirmed. If you wrote it, write it again, "
    "shorter, as an answer to a mail that we sent you. If you did not, somebody uses your address."
)
# What an answer of staff to a mail of these kinds could be is decided before it would be one on a ticket.
TAKE_NO_ANSWER = frozenset({ReplyKind.NONE, ReplyKind.CONFIRM, ReplyKind.WAITING})
ASK_AGAIN = "Send the mail that you want to confirm once more, and answer the question that follows to nobody else."
ANSWERS_US = "It answers our question whether a mail is yours"
TOO_LATE = f"{ANSWERS_US}, but after more than 72 hours, and by then that mail does not wait any longer."
WAITS_NO_LONGER = "The mail that you want to confirm does not wait any longer."
ANSWER_AGAIN = f"If that mail is yours, answer our question once more, with {CONFIRM} as the first word."
ANSWER_A_LIST_AGAIN = (
    f"Answer our question once more: with {CONFIRM} alone for all that want no number, or with {CONFIRM} and the "
    f"numbers of those that are yours, such as {CONFIRM} 1 2, and with no other number in your words."
)
NOT_SHOWN = "That mail does not stand whole in the question that you answered, and only what you saw can be confirmed."
ANSWER_ITS_OWN = "Answer the question that we sent you about that mail alone, or write the mail again, shorter."
WANTS_ITS_NUMBER = "What still waits in that question is confirmed by its number only."
ANSWER_A_NOTIFICATION = (
    "Answer the mail that we sent you about the ticket, from the address that it was sent to; "
    "its reply address is your key."
)
ANSWERS_WAIT = "It answers our mail that an answer of yours waits"
HOW_TO_END_WAIT = (
    "If your answer shall go at once, answer that mail with #send as its first word; if it shall not go at all, with "
    "#drop. If you write neither, it goes after two minutes."
)
WAIT_IS_OVER = f"{ANSWERS_WAIT}, but that answer does not wait any longer: it "
WRITE_ON_TICKET = "What you want to write to the customer, write as an answer to another mail about the ticket."
WAITS_FOR_AUTHOR = "A colleague answered after the mail that it answers, so it waits for a word of its author."


def confirmation(assessment: Assessment) -> Decision | None:
    """An answer of a person to our question with `#confirm` as its first word releases the held mail."""
    grant = assessment.thread.grant
    if assessment.staff is None or grant is None or grant.kind is not ReplyKind.CONFIRM:
        return None
    if assessment.mail.kind is not MailKind.PERSON or assessment.trust.outcome is AuthOutcome.FAIL:
        return None
    # The token is enough: only somebody who reads the stored address can have it.
    if not assessment.is_proven:
        late = assessment.thread.void is Void.EXPIRED
        return Hold(assessment.staff, TOO_LATE if late else f"{ANSWERS_US}, but {assessment.thread.void}.", ASK_AGAIN)
    answered = assessment.facts.answered.get(grant.id)
    if answered is None or answered.cause is None:
        return Hold(assessment.staff, WAITS_NO_LONGER, ANSWER_A_NOTIFICATION)
    listed = answered.listed or (ListedMail(answered.cause, answered.waits, shown=True, by_all=True),)
    return _confirm(assessment, assessment.staff, listed)


def _confirm(assessment: Assessment, staff: Person, listed: Sequence[ListedMail]) -> Decision:
    """Release those of a list that the answer names, or without a number all that ask for none."""
    if not any(mail.waits for mail in listed):
        return Hold(staff, WAITS_NO_LONGER, ANSWER_A_NOTIFICATION)
    choice = Unclear.NO_WORD if assessment.mail.unseen else read_choice(assessment.mail.reply, len(listed))
    if isinstance(choice, Unclear):
        advice = ANSWER_AGAIN if len(listed) == 1 else ANSWER_A_LIST_AGAIN
        return Hold(staff, f"{ANSWERS_US}, but {choice.value}.", advice)
    chosen = [listed[number - 1] for number in choice.numbers] or [mail for mail in listed if mail.by_all]
    if not all(mail.shown for mail in chosen):
        return Hold(staff, NOT_SHOWN, ANSWER_ITS_OWN)
    rows = tuple(mail.row for mail in chosen if mail.waits)
    if not rows:
        wanted = WANTS_ITS_NUMBER if not choice.numbers else WAITS_NO_LONGER
        return Hold(staff, wanted, ANSWER_A_LIST_AGAIN if not choice.numbers else ANSWER_A_NOTIFICATION)
    which = f"mail of ledger row {rows[0]}" if len(rows) == 1 else f"mails of ledger rows {', '.join(map(str, rows))}"
    return Release(staff, rows, f"{staff.email} confirmed the {which}.")


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
    return open_passed_on(assessment.mail, forward, staff, assessment.facts, assessment.policy)


def staff_without_power(assessment: Assessment) -> Decision | None:
    """Mail of staff that has less than full power is held, and its sender is asked to confirm it."""
    if assessment.staff is None or assessment.trust.power is Power.FULL:
        return None
    reason, mail = f"{assessment.thread.sentence} {assessment.trust.sentence}", assessment.mail
    seen = can_be_seen(mail)
    advice, whole = CONFIRM_IT if seen else TOO_LONG, _whole(mail, seen=seen)
    return Hold(assessment.staff, reason, advice, whole=whole, question=_question(assessment))


def _question(assessment: Assessment) -> Question:
    """By what the question gets its turn; a program that answers our questions makes no question at once of each."""
    if assessment.trust.shown is Shown.OWN and assessment.answer_kind is not ReplyKind.CONFIRM:
        return Question.TOKEN
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


def waiting_answer(assessment: Assessment) -> Decision | None:
    """`#send` or `#drop` as the first word of an answer to our mail ends the wait of its author's other answer."""
    staff, grant = assessment.staff, assessment.thread.grant
    if staff is None or grant is None or grant.kind is not ReplyKind.WAITING:
        return None
    # A word of a program's, or of a colleague who has the mail, counts for nothing.
    if assessment.mail.kind is not MailKind.PERSON or grant.person != staff.number or grant.ticket is None:
        return None
    answered = assessment.facts.answered.get(grant.id)
    if answered is None or answered.cause is None or not answered.pending:
        became = "was sent." if answered and answered.applied else "was not sent."
        return Hold(staff, WAIT_IS_OVER + became, WRITE_ON_TICKET)
    wish = None if assessment.mail.unseen else read_wish(assessment.mail.reply)
    if wish is None:
        return Hold(staff, f"{ANSWERS_WAIT}, but its first word is neither #send nor #drop.", HOW_TO_END_WAIT)
    reason = f"{staff.email} said {wish.word} about the answer in ledger row {answered.cause}."
    return EndWait(staff, grant.ticket, answered.cause, wish, reason)


def staff_off_ticket(assessment: Assessment) -> Decision | None:
    """An answer of staff to a mail that takes no answer, or whose ticket is gone, is held."""
    if assessment.staff is None or (assessment.ticket is not None and assessment.answer_kind not in TAKE_NO_ANSWER):
        return None
    # A mail of staff that answers nothing, and that they confirmed, is a request like any other.
    if assessment.facts.confirmed and assessment.answer_kind is None:
        return None
    reason = "The mail that you answered takes no answer, or belongs to no ticket."
    return Hold(assessment.staff, reason, ANSWER_A_NOTIFICATION)


def staff_on_ticket(assessment: Assessment) -> Decision | None:
    """Mail of staff on a ticket becomes a public answer or a note, and its commands are carried out."""
    sender, ticket = assessment.staff, assessment.ticket
    if sender is None or ticket is None:
        return None
    words = own_words(assessment.mail, staff=True)
    reason = objection(assessment, words)
    if reason:
        return Hold(sender, reason, SEND_AGAIN)
    note = _answered_note(assessment)
    setting = Setting(sender, ticket, assessment.facts.candidates, note is not None, assessment.named_tickets)
    changes, outcomes = obey(words.orders, setting)
    internal = changes.note or assessment.answer_kind is ReplyKind.NOTE
    text = text_of(assessment.mail, words)
    if text and not internal and (comments := _told_of_none(assessment, sender, ticket)):
        return Wait(sender, ticket.number, comments, WAITS_FOR_AUTHOR)
    status_by_answer = AFTER_STAFF[ticket.status] if text and not internal else ticket.status
    status = changes.status or (status_by_answer if status_by_answer is not ticket.status else None)
    if changes.merge_into and not internal:
        text = with_pointer(text, changes.merge_into)
    changes = replace(changes, status=status, note=internal)
    return Act(
        person=sender,
        ticket=ticket.number,
        text=text,
        changes=changes,
        outcomes=outcomes,
        reason=assessment.thread.sentence,
        cc=() if internal else new_participants(assessment, ticket),
        accepted=note if changes.accept else None,
        vouched=ticket.unproven if changes.accept and note is None else "",
        proven=assessment.is_proven,
    )


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
