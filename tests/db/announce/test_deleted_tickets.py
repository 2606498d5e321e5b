"""What is told of a ticket or comment that was deleted before anybody was told: nothing but the answers to commands."""

import pytest

from desk.commands.command import CommandAnswer
from mail.outbound.catalogue import said
from models.events.rows import add_command_answer, add_note_event
from models.tickets.notes import NewNote, add_note
from tests.support.database.services import ADMIN, MakeServices, a_raw_mail, execute, query, store_in_ledger
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

CHANGED = """UPDATE "Ticket" SET status = 'closed', "updatedAt" = now()"""


@pytest.fixture
def services(make_services: MakeServices) -> Services:
    """Services with a ticket that nobody was told of."""
    services = make_services(ADMIN)
    store_in_ledger(services, a_raw_mail())
    receive_due(services)
    return services


def number_of_the_ticket(services: Services) -> int:
    return int(query(services, "SELECT number FROM mail.ticket")[0]["number"])


def delete_and_announce(services: Services) -> dict[str, str]:
    """The fate of each kind of event after the ticket is gone."""
    execute(services, 'DELETE FROM "Ticket"', "UPDATE mail.event SET due_at = now()")
    announce_due(services)
    return {row["kind"]: row["fate"] for row in query(services, "SELECT kind, fate FROM mail.event")}


def test_no_kind_of_news_of_a_deleted_ticket_is_told(services: Services) -> None:
    execute(services, CHANGED)
    execute(
        services,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c-one', 'Hello.', t.id, t."createdById", now(), now() FROM "Ticket" t""",
    )
    ticket = number_of_the_ticket(services)
    with transaction(services.engine) as session:
        note = add_note(session, NewNote(ticket=ticket, text="A note.", reason="Why."))
        add_note_event(session, ticket, note, None, None)

    fates = delete_and_announce(services)

    kinds = ("ticket_opened", "ticket_changed", "comment_added", "note_added")
    assert fates == dict.fromkeys(kinds, "dropped")
    assert query(services, "SELECT template FROM mail.outbox") == []


def test_who_gave_a_command_is_answered_all_the_same(services: Services) -> None:
    ada = query(services, "SELECT number FROM mail.person JOIN \"User\" u ON u.id = user_id WHERE email LIKE 'ada%'")[0]
    execute(services, CHANGED)
    ticket = number_of_the_ticket(services)
    answer = CommandAnswer("#close", done=True, sentence=said("commands.stopped"))
    with transaction(services.engine) as session:
        add_command_answer(session, ticket, ada["number"], (answer,), 1)
    # Both happened in one transaction.
    execute(services, "UPDATE mail.event SET transaction = 1 WHERE kind IN ('ticket_changed', 'command_answered')")

    fates = delete_and_announce(services)

    assert (fates["ticket_changed"], fates["command_answered"]) == ("announced", "announced")
    assert query(services, "SELECT template FROM mail.outbox") == [{"template": "command-answer"}]


WRITE = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    SELECT 'c-two', 'Hello.', t.id, 'zoe', now() FROM "Ticket" t"""
ZOE = """INSERT INTO "User" (id, email, "updatedAt") VALUES ('zoe', 'zoe@customer.example', now())"""
FAILED = "SELECT kind FROM mail.event WHERE fate IS DISTINCT FROM 'announced' OR tries > 0"

# What was deleted, and the mails that the rest of the change leads to.
GONE: tuple[tuple[str, str, list[str]], ...] = (
    ("""DELETE FROM "Comment" WHERE id = 'c-two'""", WRITE, []),
    ("""DELETE FROM "User" WHERE id = 'zoe'""", WRITE, []),
    ("""DELETE FROM "Comment" WHERE id = 'c-two'""", f"{WRITE}; {CHANGED}", ["status-closed", "status-to-agent"]),
    ("""DELETE FROM "User" WHERE id = 'zoe'""", f"{WRITE}; {CHANGED}", ["status-closed", "status-to-agent"]),
)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(("deletion", "change", "templates"), GONE)
def test_a_comment_that_is_gone_or_whose_author_is_gone_is_not_mailed(
    services: Services, deletion: str, change: str, templates: list[str], together: bool
) -> None:
    execute(services, ZOE)
    announce_due(services)
    if together:
        execute(services, """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email LIKE 'ada%')""")
        execute(services, "UPDATE mail.event SET due_at = now()")
        announce_due(services)
    since = query(services, "SELECT max(id) AS id FROM mail.outbox")[0]["id"]
    execute(services, *change.split(";"))

    execute(services, deletion, "UPDATE mail.event SET due_at = now()")
    announce_due(services)

    found = query(services, "SELECT template FROM mail.outbox WHERE id > :since ORDER BY template", since=since)
    assert [row["template"] for row in found] == templates
    assert query(services, FAILED) == []
