"""What is told of a ticket that was deleted before anybody was told: nothing but the answers to commands."""

from collections.abc import Iterator

import pytest

from desk.commands import Outcome
from desk.ticket import Role
from models.events import add_command_answer, add_note_event
from models.notes import NewNote, add_note
from tests.offices import a_raw_mail, an_office, deliver_to_ledger, hire, rows, run
from worker.announce import announce_due
from worker.intake import receive_due
from worker.office import Office
from worker.transaction import transaction

CHANGED = """UPDATE "Ticket" SET status = 'closed', "updatedAt" = now()"""


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    """An office with a ticket that nobody was told of."""
    office = an_office(fresh_database)
    hire(office, "ada@desk.example", Role.ADMIN)
    deliver_to_ledger(office, a_raw_mail())
    receive_due(office)
    yield office
    office.engine.dispose()


def number_of_the_ticket(office: Office) -> int:
    return int(rows(office, "SELECT number FROM mail.ticket")[0]["number"])


def delete_and_announce(office: Office) -> dict[str, str]:
    """The fate of each kind of event after the ticket is gone."""
    run(office, 'DELETE FROM "Ticket"', "UPDATE mail.event SET due_at = now()")
    announce_due(office)
    return {row["kind"]: row["fate"] for row in rows(office, "SELECT kind, fate FROM mail.event")}


def test_no_kind_of_news_of_a_deleted_ticket_is_told(office: Office) -> None:
    run(office, CHANGED)
    run(
        office,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c-one', 'Hello.', t.id, t."createdById", now(), now() FROM "Ticket" t""",
    )
    ticket = number_of_the_ticket(office)
    with transaction(office.engine) as session:
        note = add_note(session, NewNote(ticket=ticket, text="A note.", reason="Why."))
        add_note_event(session, ticket, note, None, None)

    fates = delete_and_announce(office)

    kinds = ("ticket_opened", "ticket_changed", "comment_added", "note_added")
    assert fates == dict.fromkeys(kinds, "dropped")
    assert rows(office, "SELECT template FROM mail.outbox") == []


def test_who_gave_a_command_is_answered_all_the_same(office: Office) -> None:
    ada = rows(office, "SELECT number FROM mail.person JOIN \"User\" u ON u.id = user_id WHERE email LIKE 'ada%'")[0]
    run(office, CHANGED)
    ticket = number_of_the_ticket(office)
    with transaction(office.engine) as session:
        add_command_answer(session, ticket, ada["number"], (Outcome("#close", done=True, sentence="Done."),), 1)
    # Both happened in one transaction.
    run(office, "UPDATE mail.event SET transaction = 1 WHERE kind IN ('ticket_changed', 'command_answered')")

    fates = delete_and_announce(office)

    assert (fates["ticket_changed"], fates["command_answered"]) == ("announced", "announced")
    assert rows(office, "SELECT template FROM mail.outbox") == [{"template": "command-answer"}]
