"""Bounces from end to end: filed on the ticket whose mail came back, told once, and counted against the address."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from desk.facts import Reported
from models.intake import facts
from models.intake.bounces import read_failures
from tests.support.database.services import (
    ADMIN,
    AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.postfix_bounces import DELAYED, FULL, LATER, POLICY, UNKNOWN, a_postfix_bounce, mail_to
from worker.announce.run import announce_due
from worker.deliver.compose import ReadyMail
from worker.intake.run import receive_due
from worker.runtime.services import Services

ANN, BOB = "ann@customer.example", "bob@desk.example"
# Ann has a ticket, which Bob works on; each of them got a mail of it.
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def bounce(services: Services, recipient: str, said: tuple[str, str, str] = UNKNOWN, **more: Any) -> dict[str, Any]:
    """Let the last mail to somebody bounce; the bounce's ledger row."""
    found: dict[str, Any] = process(services, a_postfix_bounce(mail_to(services, recipient)[1], said, **more))
    return found


def another_mail(services: Services, number: int) -> None:
    """Bob writes to Ann again, in the web application."""
    execute(
        services,
        f"""INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
        SELECT 'c{number}', 'Try again {number}.', t.id, u.id, now(), now() FROM "Ticket" t, "User" u
        WHERE email = '{BOB}'""",
        "UPDATE mail.event SET due_at = now() WHERE fate IS NULL",
    )
    announce_due(services)


def notes(services: Services) -> list[str]:
    return [str(row["text"]) for row in query(services, "SELECT text FROM mail.note ORDER BY id")]


def told(services: Services) -> list[str]:
    """Who was written about a note."""
    found = query(services, "SELECT recipient FROM mail.outbox WHERE template = 'note-to-agent' ORDER BY id")
    return [str(row["recipient"]) for row in found]


def suppressed(services: Services) -> list[dict[str, Any]]:
    return query(services, "SELECT address, reason, expires_at - since AS span FROM mail.suppression")


def test_a_bounce_is_a_note_on_the_ticket_whose_mail_came_back_and_no_ticket(services: Services) -> None:
    found = bounce(services, ANN)

    assert (found["fate"], found["ticket_number"], found["evidence"]["rule"]) == ("applied", 1001, "bounced_mail")
    assert [note.partition("\n")[0] for note in notes(services)] == [
        f"A mail of this ticket to {ANN} could not be delivered (status 5.1.1)."
    ]
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1
    assert query(services, 'SELECT 1 FROM "Comment"') == []


def test_who_works_on_the_ticket_is_told_and_nobody_else(services: Services) -> None:
    before = len(query(services, "SELECT 1 FROM mail.outbox"))

    bounce(services, ANN)

    assert told(services) == [BOB]
    assert len(query(services, "SELECT 1 FROM mail.outbox")) == before + 1


def test_a_bounce_at_a_mailbox_without_tags_is_known_by_the_message_id_that_it_quotes(services: Services) -> None:
    found = bounce(services, ANN, to="support@desk.example")

    assert (found["fate"], found["ticket_number"]) == ("applied", 1001)


def test_an_address_that_does_not_exist_is_written_to_no_more_for_thirty_days(
    services: Services, supportdesk: Supportdesk
) -> None:
    bounce(services, ANN)
    another_mail(services, 1)

    held = query(
        services, "SELECT fate, reason FROM mail.outbox WHERE recipient = :to ORDER BY id DESC LIMIT 1", to=ANN
    )
    said = supportdesk("suppression", "list", "--json")

    assert [(one["address"], one["span"].days) for one in suppressed(services)] == [(ANN, 30)]
    assert held[0]["fate"] == "held"
    (listed,) = json.loads(said.stdout)
    assert listed["address"] == ANN
    assert "could not be delivered (status 5.1.1): address." in listed["reason"]


def test_a_full_mailbox_counts_after_three_mails_within_a_week(services: Services) -> None:
    counts = []
    for number in range(3):
        another_mail(services, number)
        bounce(services, ANN, FULL, number=number)
        counts.append(len(suppressed(services)))

    assert counts == [0, 0, 1]


def test_three_full_mailboxes_decided_at_once_count_as_three(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*asked: Any) -> tuple[Reported, ...]:
        found = read_failures(*asked)
        time.sleep(0.3)
        return found

    # On three tickets, for reports on one wait for each other as it is; and all look before the first has written.
    monkeypatch.setattr(facts, "read_failures", slowly)
    bounces = []
    for number in range(3):
        execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '25 hours'")
        process(services, a_raw_mail(message_id=f"<ticket {number}@x>"))
        bounces.append(a_postfix_bounce(mail_to(services, ANN)[1], FULL, number=number))
    for raw in bounces:
        store_in_ledger(services, raw)
    # A row that was tried before is claimed alone, so that each worker has one.
    execute(services, "UPDATE mail.ledger SET tries = 1 WHERE fate IS NULL")

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: receive_due(services), range(3)))

    assert len(suppressed(services)) == 1


@pytest.mark.parametrize("said", [POLICY, LATER, DELAYED])
def test_what_is_no_fault_of_the_address_never_counts_against_it(
    services: Services, said: tuple[str, str, str]
) -> None:
    for number in range(4):
        another_mail(services, number)
        bounce(services, ANN, said, number=number)

    assert len(notes(services)) == 4
    assert suppressed(services) == []


def test_a_delay_is_a_note_of_which_nobody_is_told(services: Services) -> None:
    found = bounce(services, ANN, DELAYED)

    assert found["ticket_number"] == 1001
    assert [note.partition("\n")[0] for note in notes(services)] == [
        f"A mail of this ticket to {ANN} is delayed (status 4.4.1)."
    ]
    assert told(services) == []


def test_reports_on_one_mail_by_two_servers_have_one_effect(services: Services) -> None:
    bounce(services, ANN, number=1)

    again = bounce(services, ANN, number=2)

    assert again["fate"] == "not_applied"
    assert "what was reported before" in again["reason"]
    assert (len(notes(services)), told(services)) == (1, [BOB])


def test_two_reports_on_one_mail_decided_at_once_have_one_effect(services: Services) -> None:
    mail = mail_to(services, ANN)[1]
    for number in range(4):
        store_in_ledger(services, a_postfix_bounce(mail, number=number))
    execute(services, "UPDATE mail.ledger SET tries = 1 WHERE fate IS NULL")

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: receive_due(services), range(4)))

    assert len(notes(services)) == 1


def test_a_mail_that_is_delayed_and_then_fails_is_told_of_when_it_fails(services: Services) -> None:
    bounce(services, ANN, DELAYED, number=1)

    bounce(services, ANN, UNKNOWN, number=2)

    assert (len(notes(services)), told(services)) == (2, [BOB])


def test_the_bounce_of_an_alert_is_recorded_and_belongs_to_no_ticket(services: Services) -> None:
    execute(
        services,
        """INSERT INTO mail.event (kind, details)
        VALUES ('alert', '{"alert": {"title": "One", "sentence": "Two.", "advice": "Three."}}')""",
    )
    announce_due(services)
    number, _ = mail_to(services, "ada@desk.example")

    found = bounce(services, "ada@desk.example", POLICY)

    assert (found["fate"], found["ticket_number"]) == ("not_applied", None)
    assert [row["outbox_id"] for row in query(services, "SELECT outbox_id FROM mail.bounce")] == [number]
    assert notes(services) == []


def test_staff_whose_mail_comes_back_are_told_by_nobody_but_the_admins(services: Services) -> None:
    bounce(services, BOB)

    announce_due(services)
    alerts = query(services, "SELECT recipient, text FROM mail.outbox WHERE template = 'alert'")
    assert (len(notes(services)), told(services)) == (1, [])
    assert [one["recipient"] for one in alerts] == ["ada@desk.example"]
    assert BOB in alerts[0]["text"]


def test_bounces_of_staffs_mail_make_no_circle(services: Services) -> None:
    """What is no fault of the address is never suppressed, so nothing else would end it."""
    before = len(query(services, "SELECT 1 FROM mail.outbox"))

    for number in range(3):
        bounce(services, BOB, POLICY, number=number)

    assert len(query(services, "SELECT 1 FROM mail.outbox")) == before


def forged(mail: ReadyMail, services: Services) -> dict[str, bytes]:
    """Bounces that nobody's server wrote, or that came too late."""
    real = a_postfix_bounce(mail, to="support@desk.example")
    other = mail_to(services, BOB)[1]
    signed = next(line for line in mail.message.decode().splitlines() if line.startswith("Message-ID:"))
    others = next(line for line in other.message.decode().splitlines() if line.startswith("Message-ID:"))
    return {
        "no signature": real.replace(signed.encode(), b"Message-ID: <1@desk.example>"),
        "a mangled one": real.replace(b".sd@", b"a.sd@"),
        "somebody else's": real.replace(signed.encode(), others.encode()),
    }


@pytest.mark.parametrize("how", ["no signature", "a mangled one", "somebody else's"])
def test_a_forged_bounce_counts_for_nothing_and_files_nothing(services: Services, how: str) -> None:
    found = process(services, forged(mail_to(services, ANN)[1], services)[how])

    assert (found["fate"], found["ticket_number"], found["evidence"]["rule"]) == ("not_applied", None, "bounced_mail")
    assert (notes(services), suppressed(services), query(services, "SELECT 1 FROM mail.bounce")) == ([], [], [])
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_a_bounce_of_a_mail_older_than_ten_days_counts_for_nothing(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '10 days 1 minute'")

    found = bounce(services, ANN)

    assert "older than 10 days" in found["reason"]
    assert (notes(services), suppressed(services)) == ([], [])
