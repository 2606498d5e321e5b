"""What staff are told of a ticket beside its news: who changed it, who had it, its history; no customer any of it."""

from typing import Any

import pytest

from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, a_raw_mail, execute, make_staff, query
from worker.announce.run import announce_due
from worker.runtime.services import Services

ANN, ADA, BOB, CAT = "ann@customer.example", "ada@desk.example", "bob@desk.example", "cat@desk.example"
DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"
GIVE = """UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = :owner), "updatedAt" = now()"""
# Ann has a ticket, which Bob works on; each of them got a mail of it.
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def told(services: Services, *statements: str, **values: object) -> list[dict[str, Any]]:
    """The mails about what another program does in one transaction."""
    newest = "SELECT coalesce(max(id), 0) AS id FROM mail.outbox"
    before = query(services, newest)[0]["id"]
    execute(services, *statements, DUE, **values)
    announce_due(services)
    return query(services, "SELECT * FROM mail.outbox WHERE id > :before ORDER BY id", before=before)


def by_reader(mails: list[dict[str, Any]]) -> dict[str, str]:
    return {mail["recipient"]: mail["template"] for mail in mails}


def test_who_had_a_ticket_is_told_that_another_program_gave_it_away(services: Services) -> None:
    make_staff(services, *SECOND_AGENT)
    # What happened within seconds of the change could be taken for it.
    execute(services, """UPDATE "TicketActivity" SET "createdAt" = "createdAt" - interval '1 hour'""")

    mails = told(services, GIVE, owner=CAT)

    assert by_reader(mails) == {BOB: "ticket-unassigned", CAT: "ticket-assigned"}
    (bob,) = (mail for mail in mails if mail["recipient"] == BOB)
    assert "It is now with Cat.\nChanged by another program" in bob["text"]
    assert bob["kind"] == "note"


def test_who_had_a_ticket_is_told_who_took_it_from_them(services: Services) -> None:
    activity = """INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description)
        SELECT 'a', t.id, u.id, 'updated', 'Ticket unassigned' FROM "Ticket" t, "User" u WHERE u.email = :actor"""

    mails = told(services, 'UPDATE "Ticket" SET "assignedToId" = NULL', activity, actor=ADA)

    (bob,) = (mail for mail in mails if mail["recipient"] == BOB)
    assert bob["template"] == "ticket-unassigned"
    assert "It has no owner now.\nChanged by Ada." in bob["text"]


@pytest.mark.parametrize(("field", "sentence"), [("title", "The title is now “New words”."),
                                                 ("description", "The description was changed.")])  # fmt: skip
def test_the_owner_is_told_of_words_that_another_program_changed_and_the_customer_is_not(
    services: Services, field: str, sentence: str
) -> None:
    mails = told(services, f"UPDATE \"Ticket\" SET {field} = 'New words'")

    assert by_reader(mails) == {BOB: "status-to-agent"}
    assert f"{sentence}\nChanged by another program, which does not say for whom.\n" in mails[0]["text"]


def test_a_status_mail_says_to_staff_who_changed_it_and_to_the_customer_does_not(services: Services) -> None:
    activity = """INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description)
        SELECT 'a', t.id, u.id, 'updated', 'Status changed from open to resolved' FROM "Ticket" t, "User" u
        WHERE u.email = :actor"""

    mails = told(services, "UPDATE \"Ticket\" SET status = 'resolved'", activity, actor=ADA)

    texts = {mail["recipient"]: mail["text"] + mail["html"] for mail in mails}
    assert "The ticket is now resolved.\nChanged by Ada.\n" in texts[BOB]
    assert ("Ada" in texts[ANN], "Changed by" in texts[ANN]) == (False, False)
