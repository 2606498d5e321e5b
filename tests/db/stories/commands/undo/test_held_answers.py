"""With `desk.hold_answers` an answer of staff by mail waits in the outbox, and goes once and in its order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from models.outbox.rows import OUTBOX, postpone
from models.reports.health.gather import HELD_BACK, gather_health
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SECOND_AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    query,
    store_in_ledger,
)
from tests.support.values.replies import answer, last_mail, mails_to, write_mail
from worker.announce.run import announce_due
from worker.deliver.attempt import prepare
from worker.intake.run import receive_due
from worker.runtime import queue_run
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB, CAT, ADA = "ann@customer.example", "bob@desk.example", "cat@desk.example", "ada@desk.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
ANNS_PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=customer.example"}
TWO = timedelta(minutes=2)
SETTINGS = {"AUTHSERV_ID": "mx.desk.example", "TRUST__STAFF": "both", "DESK__HOLD_ANSWERS": "2 min"}
TOLD = "It waits until then, so that its author may take it back with #undo."
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail(), **SETTINGS)


def by_bob(services: Services, text: str = "Switch it off and on.", **headers: str) -> dict[str, Any]:
    """Bob's answer to the mail about his new ticket; the answer's ledger row."""
    return dict(answer(services, last_mail(services, BOB, "ticket-assigned"), text, **(PASS | headers)))


def by_ann(services: Services, text: str = "It smokes now.") -> None:
    answer(services, last_mail(services, ANN, "ticket-opened"), text, **ANNS_PASS)


def waiting_for(services: Services) -> dict[tuple[str, str], timedelta]:
    """How long each mail still to be sent is due after it was written, by recipient and template; now is nothing."""
    found = "SELECT recipient, template, due_at - written_at AS hold FROM mail.outbox WHERE fate IS NULL ORDER BY id"
    return {(row["recipient"], row["template"]): row["hold"] for row in query(services, found)}


def pass_time(services: Services, minutes: int = 2) -> None:
    execute(services, "UPDATE mail.outbox SET due_at = due_at - :time", time=timedelta(minutes=minutes))


def due(services: Services) -> list[str]:
    """Whom a delivery would send to now, in its order."""
    claimed = queue_run.claim_some(services.queue(OUTBOX), 50, None)
    queue_run.give_back(services.queue(OUTBOX), claimed)
    sent = "SELECT recipient FROM mail.outbox WHERE id = ANY(:ids) ORDER BY due_at, id"
    return [row["recipient"] for row in query(services, sent, ids=list(claimed.ids))]


def empty(services: Services) -> None:
    """All that was written so far is sent."""
    execute(services, "UPDATE mail.outbox SET fate = 'sent', sent_at = now(), attempts = 1 WHERE fate IS NULL")


@pytest.mark.parametrize(
    ("words", "template"),
    [
        ("Switch it off and on.", "comment-to-customer"),
        ("Switch it off and on.\n#resolve", "comment-to-customer"),
        ("#resolve\nSwitch it off and on.", "comment-to-customer"),
    ],
)
def test_the_answer_waits_two_minutes_and_what_was_done_with_it_goes_along(
    services: Services, words: str, template: str
) -> None:
    empty(services)
    by_bob(services, words)

    waits = waiting_for(services)
    assert timedelta(0) < waits[ANN, template] <= TWO
    assert [name for who, name in waits if who == ANN] == [template]
    # Its author hears of the command at once.
    assert all(hold <= timedelta(0) for (who, _), hold in waits.items() if who == BOB)
    assert ANN not in due(services)
    pass_time(services)
    assert ANN in due(services)


@pytest.mark.services(ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx.desk.example", TRUST__STAFF="both")
def test_without_the_setting_it_goes_at_once(services: Services) -> None:
    empty(services)
    by_bob(services)

    assert waiting_for(services) == {(ANN, "comment-to-customer"): timedelta(0)}
    assert last_mail(services, ANN)["reason"] is None


@pytest.mark.parametrize("words", ["#note Ask them first.", "#resolve", "#priority high"])
def test_what_is_no_public_answer_does_not_wait(services: Services, words: str) -> None:
    empty(services)
    by_bob(services, words)

    assert all(hold <= timedelta(0) for hold in waiting_for(services).values())


@pytest.mark.services(ADMIN, AGENT, SECOND_AGENT, a_raw_mail(), **SETTINGS)
def test_colleagues_hear_of_it_when_the_customer_does(services: Services) -> None:
    assigned = last_mail(services, BOB, "ticket-assigned")
    other = 'UPDATE "Ticket" SET "assignedToId" = (SELECT id FROM "User" WHERE email = \'cat@desk.example\')'
    execute(services, other)
    execute(services, "UPDATE mail.event SET due_at = now()")
    announce_due(services)
    empty(services)
    answer(services, assigned, "Switch it off and on.", **PASS)

    waits = waiting_for(services)
    assert {CAT, ANN} <= {who for who, _ in waits}
    assert all(timedelta(0) < hold <= TWO for hold in waits.values())


def test_what_the_web_application_writes_goes_at_once(services: Services) -> None:
    empty(services)
    write = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'web', 'Hello Ann.', t.id, u.id, now() FROM "Ticket" t CROSS JOIN "User" u WHERE u.email = :author"""
    execute(services, write, author=BOB)
    execute(services, "UPDATE mail.event SET due_at = now()")
    announce_due(services)

    assert waiting_for(services) == {(ANN, "comment-to-customer"): timedelta(0)}


def test_a_later_mail_to_the_same_person_on_the_ticket_goes_after_it(services: Services) -> None:
    empty(services)
    by_bob(services)
    by_bob(services, "#resolve")

    waits = query(
        services, "SELECT template, reason, due_at FROM mail.outbox WHERE recipient = :to ORDER BY id", to=ANN
    )
    first, second = waits[-2:]
    assert (first["template"], second["template"]) == ("comment-to-customer", "status-resolved")
    assert second["due_at"] >= first["due_at"]
    assert (first["reason"], second["reason"]) == ("may be taken back", "goes after an answer that may be taken back")
    assert ANN not in due(services)
    pass_time(services)
    rows = queue_run.claim_some(services.queue(OUTBOX), 50, None).rows
    mine = [row.id for row in rows if row.recipient == ANN]
    assert mine == sorted(mine)
    assert len(mine) == 2


def test_the_customers_words_meanwhile_are_told_at_once_and_hold_nothing_up(services: Services) -> None:
    empty(services)
    by_bob(services)
    by_ann(services)

    waits = waiting_for(services)
    assert waits[BOB, "comment-to-agent"] <= timedelta(0)
    assert timedelta(0) < waits[ANN, "comment-to-customer"] <= TWO


def test_another_ticket_of_the_same_person_waits_for_nothing(services: Services) -> None:
    empty(services)
    by_bob(services)
    write_mail(services, ANN, "And the door squeaks.", subject="Door", **ANNS_PASS)

    assert [who for who in due(services) if who == ANN] == [ANN]


def test_a_full_cap_never_sends_it_sooner(services: Services) -> None:
    empty(services)
    by_bob(services)
    row = last_mail(services, ANN, "comment-to-customer")
    with transaction(services.engine) as session:
        postpone(session, row["id"], row["written_at"], "The cap is full.")
    assert last_mail(services, ANN, "comment-to-customer")["due_at"] == row["due_at"]


def test_the_hold_counts_from_the_answer_and_not_from_the_announcement(services: Services) -> None:
    empty(services)
    store_in_ledger(services, answer_of_bob(services))
    receive_due(services)
    execute(services, "UPDATE mail.event SET happened_at = happened_at - interval '1 hour'")
    announce_due(services)

    assert last_mail(services, ANN, "comment-to-customer")["reason"] is None
    assert ANN in due(services)


def answer_of_bob(services: Services) -> bytes:
    assigned = last_mail(services, BOB, "ticket-assigned")
    return a_raw_mail("Off and on.", **({"from": BOB, "to": str(assigned["reply_to"]), "message_id": "<b@x>"} | PASS))


def test_a_process_that_dies_while_it_waits_leaves_it_due(services: Services) -> None:
    empty(services)
    by_bob(services)
    pass_time(services)

    claimed = queue_run.claim_some(services.queue(OUTBOX), 50, None)
    # The process that had claimed it is gone, and its claim runs out.
    execute(services, "UPDATE mail.outbox SET claimed_until = now() - interval '1 second' WHERE fate IS NULL")
    again = queue_run.claim_one(services.queue(OUTBOX), None)
    assert set(again.ids) <= set(claimed.ids)
    assert prepare(services, claimed, again.ids[0]) is None
    assert prepare(services, again, again.ids[0]) is not None


@pytest.mark.parametrize("told", ["explain", "outbox list", "outbox show"])
def test_each_command_says_why_it_waits(services: Services, supportdesk: Supportdesk, told: str) -> None:
    empty(services)
    by_bob(services)
    number = last_mail(services, ANN, "comment-to-customer")["id"]
    words: dict[str, Callable[[], tuple[object, ...]]] = {
        "explain": lambda: ("explain", f"SD-{last_mail(services, ANN)['ticket_number']}"),
        "outbox list": lambda: ("outbox", "list", "--only", "new"),
        "outbox show": lambda: ("outbox", "show", number),
    }
    printed = " ".join(supportdesk(*words[told]()).output.split())
    assert TOLD in printed.replace("│ ", "")


def test_the_status_counts_it_and_sees_no_trouble_in_it(services: Services) -> None:
    empty(services)
    by_bob(services)
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '1 hour'")

    with transaction(services.engine) as session:
        health = gather_health(session, (), {}, whole=True)
    assert health.outbox.states[HELD_BACK] == 1
    assert (health.due_mails.due, health.outbox.stuck) == (0, 0)


def test_what_waited_for_its_authors_word_waits_no_second_time(services: Services) -> None:
    empty(services)
    write = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'web', 'We send it.', t.id, u.id, now() FROM "Ticket" t CROSS JOIN "User" u WHERE email = :author"""
    execute(services, write, author=ADA)
    by_bob(services)
    assert mails_to(services, ANN, "comment-to-customer") == []
    answer(services, last_mail(services, BOB, "answer-waits"), "#send", **PASS)
    receive_due(services)
    announce_due(services)

    mail = last_mail(services, ANN, "comment-to-customer")
    assert "Switch it off and on." in mail["text"]
    assert mail["reason"] is None
