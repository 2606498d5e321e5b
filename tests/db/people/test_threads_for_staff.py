"""What staff are told of a ticket beside its news: who changed it, who had it, its history; no customer any of it."""

from typing import Any

import pytest

from desk.ticket import UNPROVEN_SENDERS
from tests.support.database.services import ADMIN, AGENT, SECOND_AGENT, a_raw_mail, execute, make_staff, process, query
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


NOTE = """INSERT INTO mail.note (ticket_number, person_number, text, reason, written_at)
SELECT 1001, p.number, :note, 'A test.', now() + interval '1 minute'
FROM mail.person p JOIN "User" u ON u.id = p.user_id WHERE u.email = :author"""
COMMENT = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT :id, :words, t.ticket_id, u.id, timezone('utc', now()), timezone('utc', now())
FROM mail.ticket t, "User" u WHERE t.number = 1001 AND u.email = :author"""
SECRET = "The customer has not paid since March."


def test_a_new_owner_reads_the_last_five_turns_of_the_ticket_and_not_the_words_beside_twice(services: Services) -> None:
    for number in range(6):
        told(services, COMMENT, id=f"c{number}", words=f"Turn {number}.", author=(ANN, BOB)[number % 2])
    execute(services, NOTE, note=SECRET, author=BOB)

    mails = told(services, COMMENT, GIVE, id="beside", words="Please take it.", author=BOB, owner=ADA)

    text = next(mail["text"] for mail in mails if mail["template"] == "ticket-assigned")
    turns = [line for line in text.splitlines() if line.startswith("| ")]
    assert turns[-5:] == ["| Turn 2.", "| Turn 3.", "| Turn 4.", "| Turn 5.", f"| {SECRET}"]
    assert text.count("Please take it.") == 1
    assert ", Bob, internal note:\n| The customer" in text
    shown = [
        mail["text"] + mail["html"] for mail in query(services, "SELECT * FROM mail.outbox WHERE role = 'customer'")
    ]
    assert not any(SECRET in mail or "The last turns" in mail for mail in shown)


def test_a_new_owner_reads_of_the_ticket_that_it_goes_on_from_and_the_customers_last_three(services: Services) -> None:
    told(services, COMMENT, id="last", words="It works again.", author=BOB)
    told(services, "UPDATE \"Ticket\" SET status = 'closed'")
    for number in range(2, 5):
        raw = a_raw_mail(f"Mail {number}.", subject=f"Subject {number}", message_id=f"<{number}@customer>")
        assert process(services, raw)["ticket_number"] == 1000 + number

    process(services, a_raw_mail("It broke again.", subject="Re: [SD-1001] Printer", message_id="<9@customer>"))

    mail = query(services, "SELECT * FROM mail.outbox WHERE template = 'ticket-assigned' ORDER BY id DESC LIMIT 1")[0]
    assert "It goes on from SD-1001 “Printer” (Closed), which ended with:\n| It works again.\n" in mail["text"]
    listed = [f"- SD-{1000 + number} Subject {number} (Open)" for number in (4, 3, 2)]
    assert "The customer's last other tickets:\n" + "\n".join(listed) in mail["text"]
    (thanks,) = query(services, "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1", to=ANN)
    shown = thanks["text"] + thanks["html"]
    assert [words for words in ("SD-1001", "It works again", "Subject 4") if words in shown] == []


def test_tickets_of_unproven_senders_are_not_told_as_those_of_one_customer(services: Services) -> None:
    nobody = """INSERT INTO "User" (id, name, email, "updatedAt") VALUES (:id, 'Nobody', 'nobody@invalid', now())"""
    mine = """INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
        VALUES (:ticket, :ticket, 'Words', 'billing', :id, now())"""
    told(services, nobody, mine, id=UNPROVEN_SENDERS, ticket="first")

    mails = told(services, mine, id=UNPROVEN_SENDERS, ticket="second")

    assert [("first" in mail["text"]) for mail in mails if mail["template"] == "ticket-assigned"] == [False]


def test_a_note_reaches_the_owner_and_all_staff_who_wrote_notes_there_and_nobody_else(services: Services) -> None:
    make_staff(services, *SECOND_AGENT)
    make_staff(services, "eve@desk.example")
    for author in (CAT, ANN, "eve@desk.example"):
        execute(services, NOTE, note="Words of a note.", author=author)
    # Whoever is staff no longer hears no more of it.
    execute(services, "DELETE FROM mail.staff WHERE email = 'eve@desk.example'")

    ada = query(services, 'SELECT number FROM mail.person p JOIN "User" u ON u.id = p.user_id WHERE email = :e', e=ADA)
    event = """INSERT INTO mail.event (kind, ticket_number, note_id, actor)
        SELECT 'note_added', 1001, max(n.id), :actor FROM mail.note n"""
    mails = told(services, NOTE, event, note=SECRET, author=ADA, actor=ada[0]["number"])

    assert by_reader(mails) == {BOB: "note-to-agent", CAT: "note-to-agent"}


def test_what_an_agent_sends_to_the_note_address_in_a_mail_is_a_note_and_no_customer_is_shown_such_an_address(
    services: Services,
) -> None:
    mails = query(services, "SELECT * FROM mail.outbox ORDER BY id")
    (bob,) = (mail for mail in mails if mail["recipient"] == BOB)
    address = bob["text"].partition("What only colleagues shall read, send to:")[2].split()[0]

    process(services, a_raw_mail(SECRET, **{"from": BOB}, to=address, message_id="<n@desk>"))

    assert [row["text"] for row in query(services, "SELECT text FROM mail.note")] == [SECRET]
    assert query(services, 'SELECT id FROM "Comment"') == []
    assert address in bob["html"]
    customers = query(services, "SELECT * FROM mail.outbox WHERE role = 'customer'")
    assert not any("only colleagues" in mail["text"] + mail["html"] for mail in customers)
