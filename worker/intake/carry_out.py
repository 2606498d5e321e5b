"""The only writes of intake: a decision becomes rows, and the fate that the ledger keeps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, assert_never

from desk.commands.taking_back import ChangeKind
from desk.commands.values_before import kept_of
from desk.intake.decision import (
    Act,
    ActOnMany,
    Decision,
    EndWait,
    FileBounce,
    Hold,
    KeepNote,
    NotApplied,
    OpenTicket,
    Personal,
    Quarantine,
    Refuse,
    Release,
    TakeBack,
    Wait,
)
from desk.notices.events import Alert, AlertKey
from desk.notices.held import HeldMail, Question
from desk.notices.waiting import OFTEN, list_waiting
from desk.ticket import Person
from mail.inbound.message import InboundMail
from mail.outbound.catalogue import said, together
from models.events.rows import add_alert_once, add_command_answer, add_held, add_too_large, add_unconfirmed
from models.intake.bounces import add_bounce
from models.intake.commands import keep_before
from models.ledger.rows import Fate
from models.outbox.confirmations import count_waiting_questions, read_waiting
from models.people.roster import read_absence, set_absence
from models.tickets.notes import NewNote, add_note
from worker.deliver.undelivered import suppress_address
from worker.intake import on_ticket, waits
from worker.intake.effects.carry_out import carry_out_effects
from worker.intake.many import act_with_effects
from worker.intake.on_ticket import APPLIED, NOT_APPLIED, QUARANTINED, MailTransaction
from worker.intake.taking_back.undo import take_back

# So many questions of one class to one person wait where ten go in an hour; else `questions_waiting`, as the turn of
# each comes once an hour, and beyond that a bomb would last for days. A mail with a live token is asked about at once,
# whatever waits: only its owner can have sent it.
MOST_OFTEN = 10
ONCE_IN = timedelta(days=1)
LAST_QUESTION = said("held.last_question")


def carry_out(transaction: MailTransaction, decision: Decision) -> Fate:
    """Write the rows of a decision in the mail's transaction; the fate is for the mail's own row in the ledger."""
    match decision:
        case OpenTicket():
            fate = on_ticket.open_ticket(transaction, decision)
        case Act() | ActOnMany():
            fate = act_with_effects(transaction, decision)
        case KeepNote():
            fate = on_ticket.keep_note(transaction, decision)
        case Hold():
            fate = _hold(transaction, decision)
        case Wait() | EndWait() | Release():
            fate = waits.carry_out_wait(transaction, decision)
        case Personal() | TakeBack():
            fate = _carry_out_personal(transaction, decision)
        case Refuse():
            fate = _refuse(transaction, decision)
        case FileBounce():
            fate = _file_bounce(transaction, decision)
        case NotApplied() | Quarantine():
            fate = Fate(QUARANTINED if isinstance(decision, Quarantine) else NOT_APPLIED, decision.reason)
        case _:
            assert_never(decision)
    return fate


def row_columns(mail: InboundMail) -> dict[str, Any]:
    """Who wrote a mail and to whom, and whether a program did, as its row in the ledger keeps it."""
    sender = mail.senders[0].email if mail.senders else None
    # The delivery headers are left out: who forges one could keep others from getting a notice.
    named = tuple(dict.fromkeys(address.email for address in (*mail.to, *mail.cc)))
    return {"sender": sender, "recipients": named, "automatic": mail.automatic}


def _hold(transaction: MailTransaction, decision: Hold) -> Fate:
    person, question = decision.person, decision.question
    held = HeldMail(transaction.mail.subject, decision.told, decision.advice, decision.whole, question)
    reason = f"Held: {decision.reason}"
    if decision.receipt is not None:
        answers = decision.ticket, person.number, decision.outcomes, transaction.row
        add_command_answer(transaction.session, *answers, decision.receipt)
        return Fate(NOT_APPLIED, reason, person=person.number)
    if question is None:
        add_held(transaction.session, person.number, held, transaction.row)
        return Fate(NOT_APPLIED, reason, person=person.number)
    waiting = count_waiting_questions(transaction.session, person.number, question)
    waiting = 0 if question is Question.TOKEN else waiting
    most = MOST_OFTEN if question in OFTEN else transaction.services.policy.limits.questions_waiting
    if waiting >= most:
        add_alert_once(transaction.session, _flood_alert(person), transaction.now - ONCE_IN)
        reason = f"Held, and {person.email} is not asked, for {waiting} questions to them wait: {decision.reason}"
    else:
        last = waiting + 1 == most
        held = replace(held, advice=together(held.advice, LAST_QUESTION)) if last else held
        earlier = read_waiting(transaction.session, person.number, transaction.row)
        held = replace(held, listed=list_waiting(earlier, held, transaction.row))
        add_unconfirmed(transaction.session, person.number, held, transaction.row)
    return Fate(NOT_APPLIED, reason, person=person.number)


def _flood_alert(person: Person) -> Alert:
    sentence = said("admins.bomb", name=person.name, address=person.email)
    advice = said("admins.bomb_advice", name=person.name)
    return Alert(AlertKey.BOMB, said("admins.bomb_title", address=person.email), sentence, advice, (person.email,))


def _carry_out_personal(transaction: MailTransaction, decision: Personal | TakeBack) -> Fate:
    if isinstance(decision, TakeBack):
        return take_back(transaction, decision)
    # An out-of-office answer is no command of anybody.
    absent = _be_absent(transaction, decision) if decision.absence else []
    carried = carry_out_effects(transaction, decision.person, None, decision.outcomes)
    before = {**kept_of(absent if decision.outcomes else []), **carried.deeds}
    number, row = decision.person.number, transaction.row
    keep_before(transaction.session, mail=row, person=number, ticket=None, owner=None, before=before)
    if carried.outcomes:
        add_command_answer(transaction.session, None, decision.person.number, carried.outcomes, transaction.row)
    return Fate(APPLIED, decision.reason, person=decision.person.number)


def _be_absent(transaction: MailTransaction, decision: Personal) -> list[tuple[ChangeKind, dict[str, str | None]]]:
    """Write who is away until when; what was before, by which it is taken back."""
    if decision.absence is None:
        return []
    was = read_absence(transaction.session, decision.person.number)
    set_absence(transaction.session, decision.person.number, decision.absence)
    before = {"was": was.isoformat() if was else None, "is": decision.absence.until.isoformat()}
    return [(ChangeKind.AWAY, before)]


def _refuse(transaction: MailTransaction, decision: Refuse) -> Fate:
    # A stranger becomes a person here as a smaller mail would have made them one: only to people is mail sent.
    person = transaction.ensure_person(decision.sender)
    add_too_large(transaction.session, person.number, decision.mail, transaction.row)
    return Fate(NOT_APPLIED, decision.reason, person=person.number)


def _file_bounce(transaction: MailTransaction, decision: FileBounce) -> Fate:
    add_bounce(transaction.session, transaction.row, decision)
    if decision.suppress:
        suppress_address(transaction.session, decision.address, decision.reason, transaction.now + decision.suppress)
    if decision.ticket is None:
        return Fate(NOT_APPLIED, f"{decision.reason} It belongs to no ticket.")
    if decision.tells:
        on_ticket.announce_note(transaction, decision.ticket, None, text=decision.text, reason=decision.reason)
    else:
        note = NewNote(ticket=decision.ticket, ledger_id=transaction.row, text=decision.text, reason=decision.reason)
        add_note(transaction.session, note)
    return Fate(APPLIED, f"It is a note on SD-{decision.ticket}. {decision.reason}", ticket=decision.ticket)
