"""Changes of a ticket by any program are announced once, to the right people."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mail.outbound.render import Renderer, TemplateFailure
from models.db.claims import MOST_TRIES
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, make_staff, process, query
from worker.announce import run as announce
from worker.announce.run import announce_due
from worker.runtime.services import Services

DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"
pytestmark = pytest.mark.services(ADMIN, AGENT, a_raw_mail())


def announced(services: Services) -> list[tuple[str, str]]:
    """Announce everything, due or not yet; the new mails as (template, recipient)."""
    before = len(query(services, "SELECT 1 FROM mail.outbox"))
    execute(services, DUE)
    announce_due(services)
    mails = query(services, "SELECT template, recipient FROM mail.outbox ORDER BY id")
    return [(mail["template"], mail["recipient"]) for mail in mails[before:]]


def test_the_first_mail_is_acknowledged_and_assigned(services: Services) -> None:
    mails = query(services, "SELECT template, recipient FROM mail.outbox ORDER BY template")

    assert [(mail["template"], mail["recipient"]) for mail in mails] == [
        ("ticket-assigned", "bob@desk.example"),
        ("ticket-opened", "ann@customer.example"),
    ]


def test_the_acknowledgement_repeats_nothing_of_the_sender(services: Services) -> None:
    mail = query(services, "SELECT * FROM mail.outbox WHERE template = 'ticket-opened'")[0]

    said = mail["subject"] + mail["text"] + mail["html"]

    assert "SD-1001" in said
    assert not [word for word in ("Ann", "Printer", "printer is broken") if word in said]


def test_a_status_changed_by_another_program_is_mailed(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET status = \'resolved\', "updatedAt" = now()')

    assert announced(services) == [
        ("status-resolved", "ann@customer.example"),
        ("status-to-agent", "bob@desk.example"),
    ]


def test_a_change_without_an_actor_waits_until_its_activity_may_be_there(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET status = \'resolved\', "updatedAt" = now()')

    announce_due(services)

    assert query(services, "SELECT fate FROM mail.event WHERE field = 'status'") == [{"fate": None}]


def test_the_activity_of_another_program_names_the_actor(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET status = \'in_progress\', "updatedAt" = now()')
    execute(
        services,
        """
        INSERT INTO "TicketActivity" (id, "ticketId", "userId", action, description)
        SELECT 'a1', t.id, t."assignedToId", 'updated', 'Status changed from open to in_progress' FROM "Ticket" t
        """,
    )

    assert announced(services) == [("status-in-progress", "ann@customer.example")]


def test_a_comment_by_the_web_app_reaches_who_it_is_for(services: Services) -> None:
    execute(
        services,
        """
        INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT 'c1', 'Any news?', t.id, t."createdById", now() FROM "Ticket" t
        """,
    )

    assert announced(services) == [("comment-to-agent", "bob@desk.example")]


def test_all_changes_of_one_transaction_are_one_mail_a_person(services: Services) -> None:
    execute(
        services,
        "UPDATE \"Ticket\" SET status = 'resolved', priority = 'high', category = 'billing', \"updatedAt\" = now()",
    )

    assert len(announced(services)) == 2


def answer_and_change(services: Services, number: int) -> None:
    """Another program answers the customer and changes the status in one transaction."""
    execute(
        services,
        """
        INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
        SELECT :id, 'Words', t.id, t."assignedToId", now() FROM "Ticket" t;
        """,
        """UPDATE "Ticket" SET status = CAST(:status AS "TicketStatus"), "updatedAt" = now()""",
        id=f"c{number}",
        status="resolved" if number % 2 else "closed",
    )


def test_events_of_one_transaction_stay_together_whatever_the_batch(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "BATCH", 1)
    answer_and_change(services, 1)

    assert announced(services) == [
        ("comment-to-customer", "ann@customer.example"),
        ("status-to-agent", "bob@desk.example"),
    ]


def test_announcers_at_once_write_one_mail_a_person_for_each_transaction(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "BATCH", 1)
    for number in range(12):
        answer_and_change(services, number)
    execute(services, DUE)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(announce_due, [services] * 4))

    told = "SELECT template, count(*) AS n FROM mail.outbox WHERE recipient = :to GROUP BY 1 ORDER BY 1"
    assert query(services, told, to="ann@customer.example") == [
        {"template": "comment-to-customer", "n": 12},
        {"template": "ticket-opened", "n": 1},
    ]


def test_a_ticket_that_another_program_opened_gets_an_owner(services: Services) -> None:
    execute(
        services,
        """
        INSERT INTO "Ticket" (id, title, description, category, "createdById", "updatedAt")
        SELECT 't2', 'From the web', 'Words', 'general_inquiry', u.id, now()
        FROM "User" u WHERE u.email = 'ann@customer.example'
        """,
    )

    assert sorted(announced(services)) == [
        ("ticket-assigned", "bob@desk.example"),
        ("ticket-opened", "ann@customer.example"),
    ]
    assert announced(services) == []


def test_a_ticket_that_lost_its_agent_is_routed_again(services: Services) -> None:
    make_staff(services, "carol@desk.example")
    execute(services, "DELETE FROM \"User\" WHERE email = 'bob@desk.example'")

    assert announced(services) == [("ticket-assigned", "carol@desk.example")]


def test_a_self_made_agent_row_gets_no_mail(services: Services) -> None:
    execute(
        services,
        "INSERT INTO \"User\" (id, email, role, \"updatedAt\") VALUES ('eve', 'eve@x.example', 'agent', now())",
    )
    execute(services, 'UPDATE "Ticket" SET "assignedToId" = \'eve\', "updatedAt" = now()')
    announced(services)
    execute(services, 'UPDATE "Ticket" SET status = \'closed\', "updatedAt" = now()')

    told = announced(services)

    assert ("status-closed", "ann@customer.example") in told
    assert not [recipient for _, recipient in told if recipient == "eve@x.example"]


def test_a_deleted_tickets_events_are_dropped(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET status = \'closed\', "updatedAt" = now()')
    execute(services, 'DELETE FROM "Ticket"')

    assert announced(services) == []
    assert {row["fate"] for row in query(services, "SELECT fate FROM mail.event WHERE kind = 'ticket_changed'")} == {
        "dropped"
    }


def test_events_older_than_announce_within_are_parked(services: Services) -> None:
    execute(services, 'UPDATE "Ticket" SET status = \'closed\', "updatedAt" = now()')
    execute(services, "UPDATE mail.event SET happened_at = now() - interval '4 days' WHERE fate IS NULL")

    assert announced(services) == []
    assert query(services, "SELECT fate FROM mail.event WHERE field = 'status'") == [{"fate": "parked"}]


def test_a_suppressed_address_gets_a_held_row_with_the_reason(services: Services) -> None:
    execute(services, "INSERT INTO mail.suppression (address, reason) VALUES ('ann@customer.example', 'it bounces')")
    execute(services, 'UPDATE "Ticket" SET status = \'closed\', "updatedAt" = now()')
    announced(services)

    held = query(services, "SELECT fate, reason FROM mail.outbox WHERE template = 'status-closed'")[0]
    assert held == {"fate": "held", "reason": "The address is suppressed: it bounces"}


def test_an_event_that_cannot_be_written_is_quarantined_after_three_tries(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TemplateFailure("The template status-closed/body.txt: 'tiket' is undefined.")

    monkeypatch.setattr(Renderer, "render", broken)
    execute(services, 'UPDATE "Ticket" SET status = \'closed\', "updatedAt" = now()')
    for _ in range(MOST_TRIES):
        announced(services)

    found = query(services, "SELECT fate, tries, error FROM mail.event WHERE field = 'status'")[0]
    assert (found["fate"], found["tries"]) == ("quarantined", 3)
    assert "tiket" in found["error"]


@pytest.mark.parametrize(
    ("sender", "fate"), [("ann@customer.example", "applied"), ("zoe@stranger.example", "not_applied")]
)
def test_an_automatic_mail_is_never_answered(services: Services, sender: str, fate: str) -> None:
    before = len(query(services, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=sender))
    robot = {"from": sender, "message_id": "<z@x>", "auto_submitted": "auto-replied", "in_reply_to": "<1@customer>"}

    ledger = process(services, a_raw_mail("I am away.", **robot))

    assert ledger["fate"] == fate
    assert not query(services, 'SELECT 1 FROM "Comment"')
    assert len(query(services, "SELECT 1 FROM mail.outbox WHERE recipient = :to", to=sender)) == before
