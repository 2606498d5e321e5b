"""Several mails are in flight at once, each recorded for itself, in their order and within their claim."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from desk.facts import Deliver
from desk.gate import verdict as gate
from mail.outbound.compose import Outgoing, compose
from mail.smtp.connection import Connection, Sent
from models.db.claims import Claimed, Lanes
from models.db.statement import Statement
from models.outbox import rows as outbox_rows
from tests.support.database.services import execute, query
from tests.support.database.waiting_mails import ALL, ALL_SENT, FATES, more, most_at_once, recipients
from tests.support.servers.faulty_smtp import FaultySmtp
from worker.deliver import compose as packing
from worker.deliver.attempt import record
from worker.deliver.run import deliver_due
from worker.runtime import queue_run
from worker.runtime.queue_run import WorkQueue
from worker.runtime.services import Services


@pytest.fixture
def services(make_desk: Callable[..., Services]) -> Services:
    return make_desk()


def again(services: Services) -> None:
    """Deliver what waits, as if its time had come."""
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    deliver_due(services)


@pytest.mark.parametrize("connections", [1, 2, 4])
def test_so_many_mails_are_in_flight_as_the_setting_allows_and_each_is_sent_once(
    make_desk: Callable[..., Services], server: FaultySmtp, connections: int
) -> None:
    services = make_desk(SMTP__CONNECTIONS=str(connections))

    deliver_due(services)

    assert query(services, FATES) == ALL_SENT
    assert set(recipients(server).values()) == {1}
    assert (most_at_once(server), server.most_open, server.goodbyes) == (connections,) * 3


def test_a_claim_takes_a_few_for_each_connection_and_no_more(
    make_desk: Callable[..., Services], server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_desk(40, SMTP__CONNECTIONS="4")
    sizes: list[int] = []
    real = queue_run.claim_some

    def claim_some(work_queue: WorkQueue, most: int, lanes: Lanes | None) -> Claimed:
        claimed = real(work_queue, most, lanes)
        sizes.append(len(claimed.ids))
        return claimed

    monkeypatch.setattr(queue_run, "claim_some", claim_some)
    deliver_due(services)

    assert query(services, FATES) == [{**ALL_SENT[0], "n": 42}]
    assert (sizes[0], max(sizes)) == (10, 12)


def test_two_mails_are_not_worth_a_second_connection(make_desk: Callable[..., Services], server: FaultySmtp) -> None:
    deliver_due(make_desk(0))

    assert (len(server.taken), server.connections) == (2, 1)


def test_what_is_in_flight_together_has_each_its_own_outcome(services: Services, server: FaultySmtp) -> None:
    server.habits.pipelining = server.habits.careless = True
    server.habits.refused = {
        "c1@customer.example": "550 5.1.1 nobody",
        "c2@customer.example": "451 later",
        "c3@customer.example": "552 5.2.2 full",
    }

    deliver_due(services)

    fates = {row["recipient"]: row["fate"] for row in query(services, "SELECT recipient, fate FROM mail.outbox")}
    assert {name: fates.pop(f"{name}@customer.example") for name in ("c1", "c2", "c3")} == {
        "c1": "failed",
        "c2": None,
        "c3": "failed",
    }
    assert set(fates.values()) == {"sent"}
    assert {one.content for one in server.taken if not one.recipients} == {b""}
    assert not {f"c{number}@customer.example" for number in (1, 2, 3)} & set(recipients(server))


def test_mails_about_a_ticket_reach_a_recipient_one_after_the_other(services: Services, server: FaultySmtp) -> None:
    more(services, 6, about_one_ticket=True, mailbox="one")

    deliver_due(services)

    theirs = [taken for taken in server.taken if taken.recipients == ("one@customer.example",)]
    subjects = [next(line for line in taken.content.split(b"\r\n") if line.startswith(b"Subject:")) for taken in theirs]
    assert [subject[-1:] for subject in subjects] == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert all(earlier.ended <= later.began for earlier, later in pairwise(theirs))
    assert most_at_once(server) > 1


def test_each_attempt_is_committed_before_its_mail_begins(
    services: Services, server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real = Connection.send

    def send(connection: Connection, sender: str, recipient: str, *rest: Any) -> Sent:
        seen.extend(query(services, "SELECT attempts FROM mail.outbox WHERE recipient = :to", to=recipient))
        return real(connection, sender, recipient, *rest)

    monkeypatch.setattr(Connection, "send", send)
    deliver_due(services)

    assert seen == [{"attempts": 1}] * ALL


def test_a_mail_that_cannot_be_put_together_is_charged_and_those_beside_it_go(
    services: Services, server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(outgoing: Outgoing) -> bytes:
        return bytes(1 // 0) if outgoing.recipient == "c7@customer.example" else compose(outgoing)

    monkeypatch.setattr(packing, "compose", broken)
    deliver_due(services)

    rows = query(services, "SELECT recipient, tries, attempts FROM mail.outbox WHERE fate IS NULL")
    assert rows == [{"recipient": "c7@customer.example", "tries": 1, "attempts": 0}]
    assert query(services, "SELECT DISTINCT tries, attempts FROM mail.outbox WHERE fate = 'sent'") == [
        {"tries": 0, "attempts": 1}
    ]


def test_the_gate_is_asked_for_each_and_what_it_holds_is_not_sent(
    services: Services, server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gate.verdict

    def verdict(facts: gate.GateFacts, deliver: Deliver) -> gate.Verdict:
        return (
            gate.Withhold("no")
            if facts.recipient in ("c5@customer.example", "c8@customer.example")
            else real(facts, deliver)
        )

    monkeypatch.setattr(gate, "verdict", verdict)
    deliver_due(services)

    held = query(services, "SELECT recipient, attempts FROM mail.outbox WHERE fate = 'held' ORDER BY 1")
    assert [row["recipient"] for row in held] == ["c5@customer.example", "c8@customer.example"]
    assert {row["attempts"] for row in held} == {0}
    assert len(server.taken) == ALL - 2


def test_outcomes_that_cannot_be_written_together_are_written_one_by_one(
    services: Services, server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = Statement("SELECT 1 / 0 AS id FROM unnest(CAST(:ids AS bigint[]))")
    monkeypatch.setattr(outbox_rows, "SETTLE_SENT", statement)

    deliver_due(services)

    assert query(services, FATES) == ALL_SENT


def test_a_process_that_is_asked_to_end_records_what_is_in_flight_and_gives_the_rest_back(
    services: Services, server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def told_to_end(*given: Any) -> None:
        told.append(len(server.taken))
        if len(told) == 2:
            raise SystemExit
        record(*given)

    monkeypatch.setattr("worker.deliver.run.record", told_to_end)
    with pytest.raises(SystemExit):
        deliver_due(services)
    monkeypatch.undo()
    ended = len(server.taken)
    left = query(services, "SELECT count(*)::int AS n FROM mail.outbox WHERE fate IS NULL AND claimed_by IS NULL")
    assert server.goodbyes == server.connections
    again(services)

    assert 0 < ended < ALL
    # Of what was heard in the very round that ended, nothing could be written.
    assert ALL - ended <= left[0]["n"] + 4
    assert {row["fate"] for row in query(services, FATES)} == {"sent"}


def test_a_run_whose_time_is_up_ends_what_is_in_flight_and_comes_back(services: Services, server: FaultySmtp) -> None:
    server.habits.slow = 0.4

    ran = deliver_due(services, 0.3)

    assert ran.more
    assert 0 < len(server.taken) < ALL
    assert query(services, "SELECT count(*)::int AS n FROM mail.outbox WHERE fate = 'sent'")[0]["n"] == len(
        server.taken
    )
    assert query(services, "SELECT 1 FROM mail.outbox WHERE claimed_by IS NOT NULL") == []


def test_what_is_in_flight_when_the_claim_ends_is_not_sent_by_another_as_well(
    make_desk: Callable[..., Services], server: FaultySmtp
) -> None:
    limits = {"LIMITS__STEP_SECONDS": "0.5", "LIMITS__DELIVERY_LEASE_SECONDS": "3"}
    services = make_desk(**limits)
    # Longer than the steps of a mail may take: it is cut off before the claim ends.
    server.habits.slow = 2.7
    mine = threading.Thread(target=deliver_due, args=(services,))
    mine.start()
    time.sleep(1)
    for _ in range(8):
        deliver_due(replace(services, engine=services.engine), 0.1)
        time.sleep(0.3)
    mine.join(30)

    # What was cut off behind its last dot may have been taken, and is due again when its next attempt is.
    assert set(recipients(server).values()) == {1}


def test_a_row_that_wants_to_be_alone_is_at_work_alone(services: Services, server: FaultySmtp) -> None:
    alone = query(
        services, "SELECT id FROM mail.outbox WHERE recipient IN ('c2@customer.example', 'c9@customer.example')"
    )
    for row in alone:
        execute(services, "UPDATE mail.outbox SET tries = 1 WHERE id = :row", row=row["id"])

    deliver_due(services)

    last = sorted(server.taken, key=lambda taken: taken.began)[-2:]
    assert {taken.recipients for taken in last} == {("c2@customer.example",), ("c9@customer.example",)}
    assert all(other.ended <= one.began for one in last for other in server.taken if other.began < one.began)
    assert {row["fate"] for row in query(services, FATES)} == {"sent"}


def test_the_gate_is_asked_anew_where_a_mail_that_was_begun_waited_for_long(
    make_desk: Callable[..., Services], server: FaultySmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_desk(4, SMTP__CONNECTIONS="2")
    server.habits.slow = 2.3
    asked: Counter[str] = Counter()
    real = gate.verdict

    def verdict(facts: gate.GateFacts, deliver: Deliver) -> gate.Verdict:
        asked[facts.recipient] += 1
        return real(facts, deliver)

    monkeypatch.setattr(gate, "verdict", verdict)
    deliver_due(services)

    assert query(services, FATES) == [{**ALL_SENT[0], "n": 6}]
    assert set(asked.values()) == {1, 2}
    assert set(recipients(server).values()) == {1}


def test_an_attempt_that_was_recorded_and_not_made_is_taken_back(services: Services, server: FaultySmtp) -> None:
    # Each connection breaks behind its first mail's last dot, while others are begun and wait for it.
    server.habits.breaks = True

    deliver_due(services)

    made = {one for taken in server.taken for one in taken.recipients}
    rows = query(services, "SELECT recipient, attempts, claimed_by, due_at > now() AS later FROM mail.outbox")
    assert {(row["attempts"], row["later"]) for row in rows if row["recipient"] in made} == {(1, True)}
    assert {(row["attempts"], row["later"]) for row in rows if row["recipient"] not in made} == {(0, False)}
    assert {row["claimed_by"] for row in rows} == {None}
