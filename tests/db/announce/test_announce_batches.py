"""Change sets that are announced at once come out as they would one by one, and none harms another."""

from typing import Any

import pytest

from desk.gate.caps import caps_of
from desk.limits import USUAL
from tests.support.database.services import AGENT, a_raw_mail, execute, query, store_in_ledger
from worker.announce import run as announce
from worker.announce.run import announce_due
from worker.announce.write import write_notices
from worker.intake.run import receive_due
from worker.runtime.services import Services

STAFF_CAPS = caps_of(USUAL, staff=True)

MAILS = (
    "SELECT recipient, template, subject, fate, reason, in_reply_to IS NOT NULL AS answers FROM mail.outbox"
    " ORDER BY recipient, template, subject"
)
pytestmark = pytest.mark.services(AGENT)


def arrive(services: Services, number: int, sender: str | None = None, **headers: str) -> None:
    """A new mail is decided; nothing is announced yet."""
    given = {"from": sender or f"ann{number}@customer.example", "subject": f"Printer {number}"}
    store_in_ledger(services, a_raw_mail(f"Mail {number}.", **(given | {"message_id": f"<{number}@x>"} | headers)))
    receive_due(services)


def fates(services: Services) -> list[str]:
    return [str(row["fate"]) for row in query(services, "SELECT DISTINCT fate FROM mail.event")]


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "announce_groups", lambda services, claims: claims.groups)


def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many groups each transaction announced."""
    counted: list[int] = []
    real = announce.announce_groups

    def counting(services: Services, claims: Any) -> Any:
        left = real(services, claims)
        counted.append(len(claims.groups) - len(left))
        return left

    monkeypatch.setattr(announce, "announce_groups", counting)
    return counted


def tell(services: Services) -> list[dict[str, Any]]:
    for number in range(4):
        arrive(services, number)
    arrive(services, 4, "ann0@customer.example", in_reply_to="<0@x>", subject="Re: Printer 0")
    announce_due(services)
    return query(services, MAILS)


def test_what_is_announced_together_is_what_would_be_announced_alone(
    services: Services, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = together(monkeypatch)
    at_once = tell(services)
    execute(services, 'TRUNCATE mail.outbox, mail.event, mail.ledger, "Ticket", mail.ticket RESTART IDENTITY CASCADE')
    execute(services, "DELETE FROM \"User\" WHERE role = 'customer'")
    monkeypatch.undo()
    alone(monkeypatch)

    one_by_one = tell(services)

    # The answer goes on from the mail about the ticket that it belongs to.
    assert counted == [4]
    assert [mail | {"subject": ""} for mail in at_once] == [mail | {"subject": ""} for mail in one_by_one]
    assert len(at_once) == 9


def test_one_that_raises_is_found_and_the_others_are_announced(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        arrive(services, number)
    real = write_notices

    def poisoned(session: Any, services: Services, told: Any) -> Any:
        if any(one.change_set.ticket.title == "Printer 1" for one in told):
            raise ValueError("poison")
        return real(session, services, told)

    monkeypatch.setattr(announce, "write_notices", poisoned)
    announce_due(services)

    tried = query(services, "SELECT tries, fate FROM mail.event ORDER BY id")
    assert tried == [
        {"tries": 0, "fate": "announced"},
        {"tries": 1, "fate": None},
        {"tries": 0, "fate": "announced"},
    ]
    assert len(query(services, "SELECT 1 FROM mail.outbox WHERE template = 'ticket-opened'")) == 2


def test_what_a_customer_gets_next_is_decided_after_what_they_got_first(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = together(monkeypatch)
    for number in range(3):
        arrive(services, number, "ann@customer.example")

    announce_due(services)

    answers = query(services, "SELECT fate FROM mail.outbox WHERE template = 'ticket-opened' ORDER BY id")
    assert [row["fate"] for row in answers] == [None, "held", "held"]
    assert counted[0] == 1


def test_news_for_staff_count_towards_their_cap_within_one_transaction(services: Services) -> None:
    for number in range(3):
        arrive(services, number)
    execute(
        services,
        f"""INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name,
            subject, text, html, message_id, dated, token_expires_at, event_id)
        SELECT 'alert', 'none', 'support', 'agent', 'bob@desk.example', '', 'support@desk.example', '', '', '', '',
            gen_random_uuid(), now(), now(), (SELECT min(id) FROM mail.event)
        FROM generate_series(1, {STAFF_CAPS[0].most - 1}) n""",
    )

    announce_due(services)

    statement = (
        "SELECT due_at > now() + interval '1 minute' AS waits FROM mail.outbox WHERE template = :name ORDER BY id"
    )
    waiting = query(services, statement, name="ticket-assigned")
    assert [row["waits"] for row in waiting] == [False, True, True]


def test_where_a_breaker_opens_all_are_announced_one_by_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        arrive(services, number)
    opened: list[int] = []

    def opening(session: Any, services: Services, told: Any) -> Any:
        opened.append(len(told))
        raise announce.BreakerOpens

    real = write_notices
    monkeypatch.setattr(announce, "write_notices", lambda *given: opening(*given) if not opened else real(*given))
    announce_due(services)

    assert opened == [6]
    assert fates(services) == ["announced"]
    assert len(query(services, "SELECT 1 FROM mail.outbox")) == 6


def test_a_ticket_without_an_owner_is_announced_alone_and_gets_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = together(monkeypatch)
    for number in range(3):
        arrive(services, number)
    execute(services, 'UPDATE "Ticket" SET "assignedToId" = NULL WHERE title = \'Printer 1\'')
    execute(services, "DELETE FROM mail.event WHERE kind = 'ticket_changed'")

    announce_due(services)

    assert counted[0] == 2
    assert query(services, 'SELECT count(*) AS n FROM "Ticket" WHERE "assignedToId" IS NULL') == [{"n": 0}]
