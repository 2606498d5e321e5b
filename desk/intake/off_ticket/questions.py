"""Rules on answers of staff to what we asked: whether a mail is theirs, and whether an answer of theirs goes out."""

from collections.abc import Sequence

from desk.commands.confirming import Unclear, read_choice
from desk.commands.waiting import read_wish
from desk.facts import ListedMail
from desk.intake.assessment import Assessment
from desk.intake.decision import Decision, EndWait, Hold, Release
from desk.intake.staff import ANSWER_A_NOTIFICATION, missing_of
from desk.ticket import Person
from desk.tokens import ReplyKind
from desk.trust.missing import missing_sentence
from desk.trust.threads import Void
from mail.auth.results import AuthOutcome
from mail.inbound.message import MailKind
from mail.outbound.catalogue import said

ASK_AGAIN = said("held.ask_again")
WAITS_NO_LONGER = said("held.waits_no_longer")
ANSWER_A_LIST_AGAIN = said("held.answer_a_list_again")


def confirmation(assessment: Assessment) -> Decision | None:
    """An answer of a person to our question with `#confirm` as its first word releases the held mail."""
    grant = assessment.thread.grant
    if assessment.staff is None or grant is None or grant.kind is not ReplyKind.CONFIRM:
        return None
    if assessment.mail.kind is not MailKind.PERSON or assessment.trust.outcome is AuthOutcome.FAIL:
        return None
    # The token is enough: only somebody who reads the stored address can have it.
    if not assessment.is_proven:
        return _unconfirmed(assessment, assessment.staff, assessment.thread.void)
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
        advice = said("held.answer_again") if len(listed) == 1 else ANSWER_A_LIST_AGAIN
        return Hold(staff, said(f"held.confirmed_{choice}"), advice)
    chosen = [listed[number - 1] for number in choice.numbers] or [mail for mail in listed if mail.by_all]
    if not all(mail.shown for mail in chosen):
        return Hold(staff, said("held.not_shown"), said("held.answer_its_own"))
    rows = tuple(mail.row for mail in chosen if mail.waits)
    if not rows:
        if choice.numbers:
            return Hold(staff, WAITS_NO_LONGER, ANSWER_A_NOTIFICATION)
        return Hold(staff, said("held.wants_its_number"), ANSWER_A_LIST_AGAIN)
    which = f"mail of ledger row {rows[0]}" if len(rows) == 1 else f"mails of ledger rows {', '.join(map(str, rows))}"
    return Release(staff, rows, f"{staff.email} confirmed the {which}.")


def _unconfirmed(assessment: Assessment, staff: Person, void: Void | None) -> Hold:
    """An answer to our question that confirms nothing, whatever it says, since the right that it shows is void."""
    if void is Void.EXPIRED:
        return Hold(staff, said("held.confirmed_late"), ASK_AGAIN)
    why = said("held.confirmed_void", reason=missing_sentence(missing_of(assessment)))
    return Hold(staff, why, ASK_AGAIN, finding=f"It answers our question whether a mail is yours, but {void}.")


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
        became = said("held.was_sent" if answered and answered.applied else "held.was_not_sent")
        return Hold(staff, became, said("held.write_on_ticket"))
    wish = None if assessment.mail.unseen else read_wish(assessment.mail.reply)
    if wish is None:
        return Hold(staff, said("held.neither_word"), said("held.how_to_end_wait"))
    reason = f"{staff.email} said {wish.word} about the answer in ledger row {answered.cause}."
    return EndWait(staff, grant.ticket, answered.cause, wish, reason)
