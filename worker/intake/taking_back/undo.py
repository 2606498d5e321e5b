"""`#undo` carried out: a mail of its author is found, locked with all that others were told of it, and taken back."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from desk.commands.command import CommandAnswer
from desk.commands.taking_back import LASTING, NOTHING, WORDS, LastMail, answer, why_not, why_not_on
from desk.commands.waiting import Ended, Wish, Word, answer_wish
from desk.facts import KnownTicket
from desk.intake.decision import TakeBack
from desk.ticket import Person
from desk.tokens import is_ours
from mail.inbound.parse import parse
from mail.outbound.catalogue import Said, said
from models.events.rows import add_command_answer
from models.events.triggers import mark, record_again
from models.intake.commands import find_last, lock_command, of_same_mail, set_undone
from models.intake.put_back import merged_or_gone
from models.intake.told_others import lock_told, withdraw
from models.ledger.rows import Fate
from models.ledger.waits import drop_waiting, last_waiting
from models.people.rows import read_people
from models.tickets.rows import known_tickets
from worker.intake.on_ticket import APPLIED, NOT_APPLIED, MailTransaction
from worker.intake.taking_back.kinds import UNDO
from worker.intake.taking_back.undoing import Undoing


def take_back(transaction: MailTransaction, decision: TakeBack) -> Fate:
    """Take the last mail of its author back, and tell them line by line what was put back and what stays."""
    session, person = transaction.session, decision.person
    mark(session, actor=person.number, cause=transaction.row)
    last = find_last(session, person.number, decision.tickets)
    if dropped := _drop_waiting(transaction, decision, last):
        return dropped
    found = [last] if last and decision.tickets else of_same_mail(session, last) if last else []
    _lock_all(session, person, found)
    answers = tuple(_one(transaction, decision, one) for one in found)
    # What another has done there is no reason to show somebody that ticket.
    is_theirs = bool(found) and found[0].person == person.number
    ticket = found[0].ticket if is_theirs else next(iter(decision.tickets), None)
    nothing = CommandAnswer(decision.line, done=False, sentence=NOTHING)
    return _told(transaction, decision, ticket, answers or (nothing,))


def _lock_all(session: Session, person: Person, found: Sequence[LastMail]) -> None:
    """Lock what a mail changed and led to on all of its tickets, each kind in the order in which everybody locks it.

    Ticket by ticket its rows would be locked in another order, and two of us could wait for each other.
    """
    numbers = sorted({number for one in found for number in (one.ticket, one.merged_into) if number})
    if len(numbers) > 1:
        known_tickets(session, numbers)
        lock_told(session, found[0].mail, person.number, numbers)


def _told(
    transaction: MailTransaction, decision: TakeBack, ticket: int | None, answers: tuple[CommandAnswer, ...]
) -> Fate:
    """Tell its author what became of it, on the ticket with this number; the fate of the mail."""
    number, receipt = decision.person.number, decision.receipt
    add_command_answer(transaction.session, ticket, number, answers, transaction.row, receipt)
    word = APPLIED if any(one.done for one in answers) else NOT_APPLIED
    return Fate(word, decision.reason, ticket=ticket, person=number)


def _drop_waiting(transaction: MailTransaction, decision: TakeBack, last: LastMail | None) -> Fate | None:
    """Drop the answer of its author that waits beside a colleague's; None where their last mail is another one."""
    session, person = transaction.session, decision.person.number
    row = last_waiting(session, person, decision.tickets)
    if row is None or (last is not None and last.person == person and last.mail > row):
        return None
    raw = drop_waiting(session, row, f"Its author took it back by the mail of ledger row {transaction.row}.")
    ended, words = (Ended.TOO_LATE, "") if raw is None else (Ended.DROPPED, parse(raw).reply)
    told = replace(answer_wish(Wish(Word.DROP), ended, words), line=decision.line)
    return _told(transaction, decision, next(iter(decision.tickets), None), (told,))


def _one(transaction: MailTransaction, decision: TakeBack, last: LastMail) -> CommandAnswer:
    """Take back what a mail did on one ticket, or say why it stays."""
    session, person = transaction.session, decision.person
    # Everybody locks the ticket first, and so does a second #undo, which then sees what the first has done.
    known = known_tickets(session, [last.ticket]).get(last.ticket) if last.ticket else None
    last = lock_command(session, last)
    author = read_people(session, [last.person]).get(last.person)
    reason = why_not(last, person, author.name if author else "")
    if reason is None and last.ticket is not None:
        reason = _why_not_there(transaction, decision, last, known)
    if reason:
        return CommandAnswer(decision.line, done=False, sentence=reason)
    undoing = _undoing(transaction, last, person, known)
    lines = [take_back_kind(undoing, value) for kind, take_back_kind in UNDO.items() for value in last.values(kind)]
    record_again(session)
    set_undone(session, last)
    return answer(decision.line, last, lines)


def _undoing(transaction: MailTransaction, last: LastMail, person: Person, known: KnownTicket | None) -> Undoing:
    """What has to be known for it; what nobody was told yet is told to nobody any more, nor that it was taken back."""
    session, kinds = transaction.session, frozenset(last.before)
    tickets = [number for number in (last.ticket, last.merged_into) if number]
    told = lock_told(session, last.mail, person.number, tickets)
    own = transaction.services.policy.own_addresses
    along = tuple(one for one in told.along if one != person.email and not is_ours(one, own))
    lasts = bool(kinds & LASTING)
    if not (told.is_out or lasts or (along and kinds & WORDS)):
        withdraw(session, told)
        mark(session, quiet=True)
    return Undoing(
        transaction,
        last,
        person,
        known.ticket if known else None,
        told.is_out,
        along,
        told.is_out or lasts or bool(along),
    )


def _why_not_there(
    transaction: MailTransaction, decision: TakeBack, last: LastMail, known: KnownTicket | None
) -> Said | None:
    """Why a mail cannot be taken back for what became of its ticket, or of who has it, since."""
    merged_into, gone = merged_or_gone(transaction.session, last.ticket or 0)
    if known is None or gone:
        return said("undo.gone", tag=last.tag)
    if merged_into is not None and last.merged_into != merged_into:
        return said("undo.merged", tag=last.tag, target=f"SD-{merged_into}")
    return why_not_on(last, decision.person, known.ticket)
