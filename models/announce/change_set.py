"""Reads events as change sets: all events of one transaction on one ticket, with its people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.intake.rule_names import RuleName
from desk.notices.events import (
    AnswerWaits,
    Cause,
    ChangeSet,
    DraftAsked,
    DueReport,
    Event,
    EventKind,
    Field,
    Letter,
    Quarantined,
    Remark,
    TooLarge,
)
from desk.ticket import Person, Role, Status, Ticket, known
from desk.trust.judge import Proof
from desk.trust.missing import WITHHELD, Missing, missing_sentence
from mail.mime.addresses import Address
from mail.outbound.catalogue import Said, said
from models.announce.held import held_of, receipt_of, waiting_of
from models.announce.history import (
    ANSWERED_COLUMN,
    HISTORY_COLUMN,
    NOTE_AUTHORS_COLUMN,
    answered_of,
    authors_of,
    history_of,
)
from models.announce.waiting import read_listed
from models.db.base import among
from models.db.statement import Statement, any_of
from models.events.outcomes import alert_from_json, outcome_from_json
from models.ledger.rows import LedgerRow
from models.people.rows import read_people, read_people_and_staff
from models.supportdesk.anchors import PersonAnchor
from models.supportdesk.tables import TicketActivity
from models.tickets.notes import Note, author_to_accept
from models.tickets.rows import TicketRow, people_of, ticket_of, ticket_rows

# The web app writes an activity row, which names the actor, at about the time of its change.
AROUND = timedelta(seconds=3)

# Events in full, with the past of a ticket that gets an owner, what a comment answers, and who wrote notes there.
_EVENTS = Statement(f"""
SELECT e.id, e.kind, e.ticket_number, e.person_number, e.field, e.old, e.new, e.comment_id, e.note_id, e.actor, e.cause,
    e.details, e.happened_at, {HISTORY_COLUMN}, {NOTE_AUTHORS_COLUMN}, {ANSWERED_COLUMN}
FROM mail.event e WHERE e.id = {any_of("ids")}
""")
# Comments with the numbers of their authors.
_COMMENTS = Statement(f"""
SELECT c.id, c.content, p.number FROM public."Comment" c JOIN mail.person p ON p.user_id = c."userId"
WHERE c.id = {any_of("ids", "text")}
""")
# The mails that caused events, with what was kept of their words.
_CAUSES = Statement(f"""
SELECT l.id, l.message_id, l.sender, l.recipients, l.automatic, l.evidence, l.stored_at,
    r.comment_id, r.sign_off, r.html
FROM mail.ledger l LEFT JOIN mail.reading r ON r.ledger_id = l.id WHERE l.id = {any_of("ids")}
""")
# The rules by which all that a mail says becomes one note.
_NOTING = frozenset({RuleName.STAFF_ON_TICKET, RuleName.ONLY_A_NOTE})

# A row of any of the three statements.
AnyRow = Any


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The rows that several change sets refer to, read at once: people, staff and tickets by number, others by id."""

    session: Session
    people: Mapping[int, Person]
    tickets: Mapping[int, TicketRow]
    comments: Mapping[str, AnyRow]
    causes: Mapping[int, AnyRow]
    notes: Mapping[int, Note]

    def person(self, number: int | None) -> Person | None:
        """The person with this number, where there still is one."""
        return self.people.get(number) if number else None


def read_change_set(session: Session, ids: Sequence[int]) -> ChangeSet:
    """Read the events of one group together with the ticket as it is now."""
    return read_change_sets(session, [ids])[0]


def read_change_sets(session: Session, groups: Sequence[Sequence[int]]) -> list[ChangeSet]:
    """Read the events of several groups together with their tickets as they are now, in a handful of statements."""
    found = _EVENTS.rows(session, {"ids": [id_ for ids in groups for id_ in ids]})
    rows = {row.id: row for row in found}
    around = _surroundings(session, found)
    return [_change_set(around, [rows[id_] for id_ in sorted(ids)]) for ids in groups]


def _surroundings(session: Session, rows: Sequence[AnyRow]) -> Surroundings:
    tickets = ticket_rows(session, sorted({row.ticket_number for row in rows if row.ticket_number}))
    comment_ids = {id_ for row in rows for id_ in (row.comment_id, *_colleagues_comments(row)) if id_}
    comments = _by_id(session, _COMMENTS, comment_ids)
    causes = _by_id(session, _CAUSES, {row.cause for row in rows if row.cause})
    note_ids = {row.note_id for row in rows if row.note_id}
    notes = session.scalars(select(Note).where(Note.id == among(note_ids))).all() if note_ids else ()
    numbers = {number for row in rows for number in (row.actor, row.person_number) if number}
    numbers |= {*people_of(tickets), *(number for row in tickets for number in row.participants)}
    numbers |= {number for row in tickets for number in row.watchers}
    numbers |= {row.number for row in comments.values()}
    numbers |= {number for row in rows for number in authors_of(row.history)}
    numbers |= {note.person_number for note in notes if note.person_number}
    return Surroundings(
        session=session,
        people=read_people_and_staff(session, sorted(numbers)),
        tickets={row.number: row for row in tickets},
        comments=comments,
        causes=causes,
        notes={note.id: note for note in notes},
    )


def _by_id(session: Session, statement: Statement, ids: Collection[Any]) -> dict[Any, AnyRow]:
    return {row.id: row for row in statement.rows(session, {"ids": sorted(ids)})} if ids else {}


def _cause(row: AnyRow) -> Cause:
    return Cause(
        ledger_id=row.id,
        message_id=row.message_id,
        sender=row.sender or "",
        recipients=frozenset(row.recipients),
        automatic=row.automatic is not None,
        unanswered=row.evidence.get("unanswered"),
        came_at=row.stored_at,
        # No other rule acts on a ticket for staff, and this one only with full power.
        has_power=row.evidence.get("rule") == RuleName.STAFF_ON_TICKET,
        refuted=row.evidence.get("proof") == Proof.REFUTED,
        waited="waited" in row.evidence,
    )


def _change_set(around: Surroundings, rows: Sequence[AnyRow]) -> ChangeSet:
    first = rows[0]
    found = around.tickets.get(first.ticket_number)
    ticket = ticket_of(found, around.people) if found else None
    numbers = {found.creator, *found.participants} if found else set()
    participants = (around.person(number) for number in sorted(numbers))
    return ChangeSet(
        ticket=ticket,
        events=tuple(_event(around, row, ticket) for row in rows),
        happened_at=first.happened_at,
        actor=_actor(around, first, ticket),
        cause=_cause(around.causes[first.cause]) if first.cause in around.causes else None,
        participants=tuple(person for person in participants if person),
        guests=tuple(Address(name, email) for email, name in sorted((found.guests or {}).items())) if found else (),
        opening=_opening(around, rows, ticket),
        watchers=tuple(one for one in map(around.person, sorted(found.watchers)) if one) if found else (),
        admins=tuple(person for person in around.people.values() if person.is_staff and person.role is Role.ADMIN),
    )


def _value(row: AnyRow, value: str | None, ticket: Ticket | None) -> str | None:
    """A status that we do not know as its neighbour; where it is the ticket's own, the ticket's times have told it."""
    if value is None or row.field != Field.STATUS or value in set(Status):
        return value
    return ticket.status if ticket and value == row.new else known(Status, value)


def _event(around: Surroundings, row: AnyRow, ticket: Ticket | None) -> Event:
    report = row.details.get("report")
    held = held_of(row.details["held"]) if "held" in row.details else None
    listed = read_listed(around.session, row.person_number, row.details)
    return Event(
        id=row.id,
        kind=EventKind(row.kind),
        field=Field(row.field) if row.field else None,
        old=_value(row, row.old, ticket),
        new=_value(row, row.new, ticket),
        remark=_remark_of_comment(around, row.comment_id, row.cause) or _remark_of_note(around, row),
        former=_former(around, row),
        history=history_of(row.history, around.person),
        answered=answered_of(row.answered),
        colleagues=tuple(one for one in map(around.person, row.note_authors or ()) if one and one.is_staff),
        person=around.person(row.person_number),
        outcomes=tuple(map(outcome_from_json, row.details.get("outcomes", ()))),
        receipt=receipt_of(row.details.get("receipt")),
        held=held,
        report=DueReport(report["name"], datetime.fromisoformat(report["due_at"])) if report else None,
        too_large=TooLarge(**row.details["too_large"]) if "too_large" in row.details else None,
        quarantined=tuple(Quarantined(**mail) for mail in row.details.get("quarantined", ())),
        unnamed=int(row.details.get("unnamed", 0)),
        alert=alert_from_json(row.details["alert"]) if "alert" in row.details else None,
        waiting=waiting_of(held, listed),
        thread=tuple(listed.thread),
        waits=_waits(around, row) if "waits" in row.details else None,
        draft=DraftAsked(**row.details["draft"]) if "draft" in row.details else None,
    )


def _colleagues_comments(row: AnyRow) -> Sequence[str]:
    """The ids of the comments of which the author of an answer that waits is told."""
    return tuple(row.details.get("waits", {}).get("comments", ()))


def _waits(around: Surroundings, row: AnyRow) -> AnswerWaits:
    remarks = (_remark_of_comment(around, one, None) for one in _colleagues_comments(row))
    until = datetime.fromisoformat(row.details["waits"]["until"])
    return AnswerWaits(until, tuple(remark for remark in remarks if remark))


def _former(around: Surroundings, row: AnyRow) -> Person | None:
    """Who had the ticket before, where they are staff and still here; such an event names them by their "User" row."""
    if row.field != Field.ASSIGNEE or row.old is None:
        return None
    return next((one for one in around.people.values() if one.user_id == row.old and one.is_staff), None)


def _letter(mail: AnyRow, text: str) -> Letter:
    """The words of a mail as they were written: the stored text, and what its author wrote below it."""
    return Letter(f"{text}\n\n{mail.sign_off}" if mail.sign_off else text, mail.html)


def _opening(around: Surroundings, rows: Sequence[AnyRow], ticket: Ticket | None) -> Letter | None:
    mail = next((around.causes.get(row.cause) for row in rows if row.kind == EventKind.TICKET_OPENED), None)
    is_kept = ticket is not None and mail is not None and mail.html is not None and mail.comment_id is None
    return _letter(mail, ticket.description) if ticket and is_kept else None


def _remark_of_comment(around: Surroundings, comment_id: str | None, cause: int | None) -> Remark | None:
    row = around.comments.get(comment_id) if comment_id else None
    author = around.person(row.number) if row else None
    if row is None or author is None:
        return None
    mail = around.causes.get(cause or 0)
    letter = _letter(mail, row.content) if mail is not None and mail.comment_id == row.id else None
    return Remark(author, author.name, row.content, letter=letter)


def _remark_of_note(around: Surroundings, event: AnyRow) -> Remark | None:
    note = around.notes.get(event.note_id) if event.note_id else None
    if note is None:
        return None
    author = around.person(note.person_number)
    ledger = around.session.get(LedgerRow, note.ledger_id) if note.ledger_id else None
    name = author.name if author else str(ledger.sender if ledger else "somebody")
    mail = around.causes.get(note.ledger_id or 0)
    # What staff write above a mail that they pass on is another text of it than the one that was kept.
    is_kept = mail is not None and mail.html is not None and mail.evidence.get("rule") in _NOTING
    letter = _letter(mail, note.text) if is_kept else None
    withheld = _why_withheld(note, ledger) if ledger and author_to_accept(around.session, note) else None
    return Remark(author, name, note.text, withheld, letter)


def _why_withheld(note: Note, ledger: LedgerRow) -> Said:
    """What the mail of a note lacks to be a comment; an earlier version kept no more than a sentence."""
    missing = next((one for one in Missing if one == ledger.evidence.get(WITHHELD)), None)
    return missing_sentence(missing) if missing else said("formats.plain", text=note.reason)


def _actor(around: Surroundings, row: AnyRow, ticket: Ticket | None) -> Person | None:
    """The person who made a change.

    Where another program made it, that is the author of the activity row that describes it at about the same time.
    """
    if row.actor or ticket is None:
        return around.person(row.actor)
    statement = (
        select(PersonAnchor.number)
        .join(TicketActivity, TicketActivity.user_id == PersonAnchor.user_id)
        .where(
            TicketActivity.ticket_id == ticket.ticket_id,
            TicketActivity.description == _activity_description(row),
            TicketActivity.created_at.between(row.happened_at - AROUND, row.happened_at + AROUND),
        )
        .order_by(TicketActivity.created_at.desc())
        .limit(1)
    )
    number = around.session.scalar(statement)
    return read_people(around.session, [number]).get(number) if number else None


def _activity_description(row: AnyRow) -> str:
    """The description that the web app gives the activity of such a change."""
    if row.kind == EventKind.COMMENT_ADDED:
        return "Added a comment"
    if row.field == Field.ASSIGNEE:
        return "Ticket assigned" if row.new else "Ticket unassigned"
    if row.field in {Field.TITLE, Field.DESCRIPTION}:
        return f"{str(row.field).title()} updated"
    return f"{str(row.field).title()} changed from {row.old} to {row.new}"
