"""What intake writes of mails that change no ticket: questions to their senders, bounces, refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from desk.decisions import FileBounce, Hold, NotApplied, Personal, Quarantine, Refuse, Release
from desk.events import Alert, HeldMail
from desk.ticket import Person
from models.absences import set_absence
from models.arrivals import release
from models.bounces import add_bounce
from models.events import add_alert_once, add_command_answer, add_held, add_too_large, add_unconfirmed
from models.ledger import Fate
from models.notes import NewNote, add_note
from models.questions import count_waiting
from worker.failed_mail import suppress_address
from worker.mail_desk import APPLIED, NOT_APPLIED, QUARANTINED, Desk, note

# So many questions to one person wait for their turn, which comes once an hour; beyond that a bomb would last for days.
MOST_QUESTIONS = 5
ONCE_IN = timedelta(days=1)
WRITE_AGAIN = "What is theirs they can write again, as an answer to a mail that we sent them about the ticket."
LAST_QUESTION = (
    "More mails under your address may have come, about which we do not ask you for now. "
    "What of them is yours, write again as an answer to a mail that we sent you about the ticket."
)

OffTicket = Hold | Release | Personal | Refuse | FileBounce | NotApplied | Quarantine


def write(desk: Desk, decision: OffTicket) -> Fate:
    """Write what a mail without a ticket of its own brings about."""
    match decision:
        case Hold():
            fate = _hold(desk, decision)
        case Release():
            fate = _release(desk, decision)
        case Personal():
            fate = _set_absence(desk, decision)
        case Refuse():
            fate = _refuse(desk, decision)
        case FileBounce():
            fate = _file_bounce(desk, decision)
        case NotApplied() | Quarantine():
            fate = Fate(QUARANTINED if isinstance(decision, Quarantine) else NOT_APPLIED, decision.reason)
        case _:
            assert_never(decision)
    return fate


def _hold(desk: Desk, decision: Hold) -> Fate:
    held, person = HeldMail(desk.mail.subject, decision.reason, decision.advice), decision.person
    if decision.confirm:
        return _ask(desk, person, held)
    add_held(desk.session, person.number, held, desk.row)
    return Fate(NOT_APPLIED, f"Held: {held.reason}", person=person.number)


def _ask(desk: Desk, person: Person, held: HeldMail) -> Fate:
    """Ask somebody of staff whether a mail is theirs; where so many questions wait already, the admins are told."""
    waiting = count_waiting(desk.session, person.number)
    if waiting >= MOST_QUESTIONS:
        add_alert_once(desk.session, _flooded(person), desk.now - ONCE_IN)
        reason = f"Held, and {person.email} is not asked, for {waiting} questions to them wait: {held.reason}"
        return Fate(NOT_APPLIED, reason, person=person.number)
    last = waiting + 1 == MOST_QUESTIONS
    asked = replace(held, advice=f"{held.advice} {LAST_QUESTION}") if last else held
    add_unconfirmed(desk.session, person.number, asked, desk.row)
    return Fate(NOT_APPLIED, f"Held: {held.reason}", person=person.number)


def _flooded(person: Person) -> Alert:
    sentence = (
        f"So many mails came under the address of {person.name} without any proof that {person.email} is not asked"
        f" about all of them. They had no effect. Either {person.name} wrote them, or somebody uses the address."
    )
    return Alert(f"Many mails under {person.email} wait for a word", sentence, f"Ask {person.name}. {WRITE_AGAIN}")


def _release(desk: Desk, decision: Release) -> Fate:
    release(desk.session, decision.row)
    return Fate(APPLIED, decision.reason, person=decision.person.number)


def _set_absence(desk: Desk, decision: Personal) -> Fate:
    if decision.absence:
        set_absence(desk.session, decision.person.number, decision.absence)
    if decision.outcomes:
        add_command_answer(desk.session, None, decision.person.number, decision.outcomes, desk.row)
    return Fate(APPLIED, decision.reason, person=decision.person.number)


def _file_bounce(desk: Desk, decision: FileBounce) -> Fate:
    add_bounce(desk.session, desk.row, decision)
    if decision.suppress:
        suppress_address(desk.session, decision.address, decision.reason, desk.now + decision.suppress)
    if decision.ticket is None:
        return Fate(NOT_APPLIED, f"{decision.reason} It belongs to no ticket.")
    said = (decision.text, decision.reason)
    if decision.tells:
        note(desk, decision.ticket, None, said)
    else:
        text, reason = said
        add_note(desk.session, NewNote(ticket=decision.ticket, ledger_id=desk.row, text=text, reason=reason))
    return Fate(APPLIED, f"It is a note on SD-{decision.ticket}. {decision.reason}", ticket=decision.ticket)


def _refuse(desk: Desk, decision: Refuse) -> Fate:
    # A stranger becomes a person here as a smaller mail would have made them one: only to people is mail sent.
    person = desk.known(decision.sender)
    add_too_large(desk.session, person.number, decision.mail, desk.row)
    return Fate(NOT_APPLIED, decision.reason, person=person.number)
