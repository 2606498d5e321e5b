"""What goes wrong among change sets that are announced at once: breakers, lost claims, lost servers and poison."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from desk.gate.caps import of_strangers
from desk.limits import USUAL
from models.events.rows import EVENTS, Claims, claim_events
from models.outbox import breakers
from tests.support.database.services import a_raw_mail, execute, query, store_in_ledger
from tests.support.values.replies import mails_to
from worker.announce import run as announce
from worker.announce.run import announce_due, announce_groups
from worker.announce.write import write_notices
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STRANGERS = of_strangers(USUAL)

ADA, BOB = "ada@desk.example", "bob@desk.example"
EACH_EVENT = "SELECT fate, tries, claimed_by FROM mail.event ORDER BY id"
ACKNOWLEDGED = "SELECT recipient, fate, reason FROM mail.outbox WHERE template = 'ticket-opened' ORDER BY id"
FREE = {"fate": None, "tries": 0, "claimed_by": None}
ANNOUNCED = FREE | {"fate": "announced"}
FULL = f"More than {STRANGERS[0]} would answer addresses that were never seen before."


@pytest.fixture
def services(services: Services) -> Services:
    """Three strangers wrote, and nothing was announced yet."""
    for number in range(3):
        sender = f"ann{number}@customer{number}.example"
        store_in_ledger(services, a_raw_mail(f"It is {number}.", message_id=f"<{number}@x>", **{"from": sender}))
    receive_due(services)
    return services


def answer_strangers(services: Services, count: int) -> None:
    """So many others, who were never seen before, got their acknowledgement a minute ago."""
    execute(
        services,
        f"""INSERT INTO mail.outbox (template, kind, mailbox, role, recipient, recipient_name, sender, sender_name,
            subject, text, html, message_id, dated, token_expires_at, auto_submitted, to_stranger, fate, written_at)
        SELECT 'ticket-opened', 'public', 'support', 'customer', 'zoe' || n || '@stranger.example', '',
            'support@desk.example', '', '', '', '', gen_random_uuid(), now(), now(), 'auto-replied', true, 'sent',
            now() - interval '1 minute'
        FROM generate_series(1, {count}) n""",
    )


def claimed(services: Services) -> Claims:
    with transaction(services.engine) as session:
        return claim_events(session, services.queue(EVENTS).lease, announce.BATCH)


def take_over(services: Services, event: int) -> UUID:
    """Another announcer has this event now, by its own token."""
    token = uuid4()
    execute(services, "UPDATE mail.event SET claimed_by = :token WHERE id = :event", token=token, event=event)
    return token


def refuse(services: Services, recipient: str) -> None:
    """Let the database refuse every mail to somebody, with an error that is the mail's own."""
    raising = f"IF NEW.recipient = '{recipient}' THEN RAISE EXCEPTION 'poison' USING ERRCODE = '22001'; END IF;"
    execute(
        services,
        f"""CREATE FUNCTION mail.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {raising} RETURN NEW; END $$""",
        "CREATE TRIGGER refuse BEFORE INSERT ON mail.outbox FOR EACH ROW EXECUTE FUNCTION mail.refuse()",
    )


def lose_the_connection_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The server ends the first transaction that writes mails; how many mails each transaction was to write."""
    written: list[int] = []

    def losing(session: Any, services: Services, told: Any) -> Any:
        written.append(len(told))
        if len(written) == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return write_notices(session, services, told)

    monkeypatch.setattr(announce, "write_notices", losing)
    return written


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "announce_groups", lambda services, claims: claims.groups)


@pytest.mark.parametrize("together", [True, False])
def test_a_breaker_that_opens_among_them_holds_who_comes_after_it_as_one_by_one(
    services: Services, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    answer_strangers(services, STRANGERS[0].most - 1)
    if not together:
        one_by_one(monkeypatch)

    announce_due(services)

    answers = [tuple(mail.values()) for mail in query(services, ACKNOWLEDGED)[STRANGERS[0].most - 1 :]]
    assert answers == [
        ("ann0@customer0.example", None, None),
        ("ann1@customer1.example", "held", FULL),
        ("ann2@customer2.example", "held", f"Addresses never seen before are not answered at the moment: {FULL}"),
    ]


def test_a_breaker_that_opens_among_them_is_told_to_the_admins_once(services: Services) -> None:
    answer_strangers(services, STRANGERS[0].most - 1)

    announce_due(services)

    assert query(services, "SELECT address FROM mail.breaker") == [{"address": breakers.STRANGERS}]
    assert [mail["subject"] for mail in mails_to(services, ADA, "alert")] == [
        "SupportDesk: Many strangers write at once"
    ]


def test_where_one_of_them_is_somebody_elses_by_now_nothing_is_written_at_once(services: Services) -> None:
    ours = claimed(services)
    theirs = take_over(services, ours.groups[1][0])

    left = announce_groups(services, ours)

    mine = FREE | {"claimed_by": ours.claimed.token}
    assert left == ours.groups
    assert query(services, "SELECT 1 FROM mail.outbox") == []
    assert query(services, EACH_EVENT) == [mine, mine | {"claimed_by": theirs}, mine]


def test_the_claim_of_another_on_one_of_them_is_respected_and_the_others_are_announced(services: Services) -> None:
    ours = claimed(services)
    theirs = take_over(services, ours.groups[1][0])

    announce.announce_claimed(services, ours)

    events = [(event["fate"], event["claimed_by"]) for event in query(services, EACH_EVENT)]
    assert events == [("announced", None), (None, theirs), ("announced", None)]
    assert [mail["recipient"][:4] for mail in query(services, ACKNOWLEDGED)] == ["ann0", "ann2"]


def test_a_server_that_is_lost_among_them_ends_the_run_and_charges_nobody(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = lose_the_connection_once(monkeypatch)

    stopped = announce_due(services)

    assert (written, stopped.done, stopped.more) == ([6], 0, False)
    assert query(services, EACH_EVENT) == [FREE] * 3


def test_what_a_lost_server_left_is_announced_by_the_next_run(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_connection_once(monkeypatch)

    announce_due(services)
    announce_due(services)

    assert query(services, EACH_EVENT) == [ANNOUNCED] * 3
    assert len(query(services, "SELECT 1 FROM mail.outbox")) == 6


def test_of_a_statement_for_all_of_them_only_the_one_that_it_fails_for_is_charged(services: Services) -> None:
    refuse(services, "ann1@customer1.example")

    announce_due(services)

    assert query(services, EACH_EVENT) == [ANNOUNCED, FREE | {"tries": 1}, ANNOUNCED]
    assert [mail["recipient"][:4] for mail in query(services, ACKNOWLEDGED)] == ["ann0", "ann2"]


def test_all_events_of_a_group_that_raises_are_charged_and_freed_and_go_on_together(services: Services) -> None:
    announce_due(services)
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '3 days'")
    execute(services, """UPDATE "Ticket" SET status = 'resolved', priority = 'high', title = 'Another' """)
    execute(services, "UPDATE mail.event SET due_at = now()")
    refuse(services, "ann1@customer1.example")
    group = "SELECT fate, tries, claimed_by FROM mail.event WHERE fate IS NULL OR tries > 0 ORDER BY id"

    announce_due(services)
    first = query(services, group)
    execute(services, "DROP TRIGGER refuse ON mail.outbox", "UPDATE mail.event SET due_at = now() WHERE fate IS NULL")
    announce_due(services)

    assert len(first) == 3
    assert first == [FREE | {"tries": 1}] * len(first)
    assert query(services, group) == [ANNOUNCED | {"tries": 1}] * len(first)
