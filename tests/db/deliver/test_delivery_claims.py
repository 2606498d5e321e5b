"""Delivery works its own rows only, in few statements, and with no transaction open while the server is spoken to."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from bench.speed.stage.servers import libpq_url
from desk.limits import USUAL
from mail.inbound.parse import parse
from mail.smtp.client import Client
from mail.smtp.connection import Connection, Deferred, Refused, Sent
from models.db.claims import Claimed
from models.outbox import delivery as outbox_delivery
from models.outbox.delivery import read_outbox_mail
from models.tickets.attachments import store_blob
from tests.support.database.query_plans import log_plans_to_sessions, recorded_plans
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, process, query
from tests.support.servers.real_processes import Sink, a_sink
from worker.deliver import attempt
from worker.deliver.compose import ReadyMail, ready_mail
from worker.deliver.run import deliver_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

OTHER = UUID("00000000-0000-0000-0000-000000000001")
TAKEN_OVER = "UPDATE mail.outbox SET claimed_by = :other WHERE id = :row"
# What PostgreSQL vacuums by itself is nobody's transaction of ours.
OPEN = """
SELECT count(*) AS n FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    AND backend_type = 'client backend'
"""
# One that sets the planner, one that claims the batch; at the end both find nothing, and nobody waits to go alone.
CLAIMING = 2 + 3
# It is taken with all that the gate asks, its attempt is counted, and its fate is written.
EACH = 3


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    with a_sink() as running:
        yield running


@pytest.fixture
def services(postgres_url: str, fresh_database: str, make_services: MakeServices, sink: tuple[Sink, int]) -> Services:
    with psycopg.connect(libpq_url(postgres_url), autocommit=True) as connection:
        log_plans_to_sessions(connection, str(make_url(fresh_database).database))
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(sink[1])}
    return make_services(ADMIN, AGENT, a_raw_mail(), **smtp)


def outbox(services: Services) -> list[dict[str, Any]]:
    return query(services, "SELECT * FROM mail.outbox ORDER BY id")


def taken_over(services: Services, row: int) -> None:
    """Let another worker have a row, as if our claim had ended."""
    execute(services, TAKEN_OVER, other=OTHER, row=row)


def sends(monkeypatch: pytest.MonkeyPatch, what: Callable[[str], Sent]) -> None:
    """Do something else with each mail than to send it."""
    monkeypatch.setattr(Connection, "send", lambda _connection, _sender, recipient, *_: what(recipient))


ANSWERS: dict[str, Sent | Exception] = {
    "taken": Sent(250, "taken"),
    "later": Deferred("451 later", 451, "later"),
    "never": Refused("550 5.1.1 nobody", 550, "5.1.1 nobody", at_recipient=True),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_row_that_another_worker_took_while_it_was_sent_is_left_to_that_one(
    services: Services, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    def lost(recipient: str) -> Sent:
        row = next(row["id"] for row in outbox(services) if row["recipient"] == recipient)
        taken_over(services, row)
        said = ANSWERS[answer]
        if isinstance(said, Exception):
            raise said
        return said

    sends(monkeypatch, lost)

    deliver_due(services)

    assert [(row["fate"], row["error"], row["claimed_by"]) for row in outbox(services)] == [(None, None, OTHER)] * 2
    assert query(services, "SELECT 1 FROM mail.note UNION ALL SELECT 1 FROM mail.suppression") == []


def test_a_row_that_another_worker_took_before_its_turn_is_not_sent(
    services: Services, sink: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(session: Session, claimed: Claimed, row: int, *asked: Any) -> object:
        taken_over(services, row)
        return outbox_delivery.lock_mail(session, claimed, row, *asked)

    monkeypatch.setattr(attempt, "lock_mail", late)

    deliver_due(services)

    assert not sink[0].taken
    assert [(row["attempts"], row["claimed_by"]) for row in outbox(services)] == [(0, OTHER)] * 2


def test_the_row_is_locked_until_its_attempt_is_recorded(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    free: list[object] = []

    def looked_at(session: Session, services: Services, outbox_mail: outbox_delivery.OutboxMail) -> ReadyMail:
        free.extend(row["id"] for row in query(services, "SELECT id FROM mail.outbox FOR UPDATE SKIP LOCKED"))
        free.append(outbox_mail.id)
        return ready_mail(session, services, outbox_mail)

    monkeypatch.setattr(attempt, "ready_mail", looked_at)

    deliver_due(services)

    first, second = (row["id"] for row in outbox(services))
    assert free == [second, first, first, second]


def test_no_transaction_is_open_while_the_server_is_spoken_to(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def look(_recipient: str) -> Sent:
        seen.append(query(services, OPEN)[0]["n"])
        return Sent(250, "taken")

    sends(monkeypatch, look)

    deliver_due(services)

    assert seen == [0, 0]


def test_a_notice_takes_three_statements_at_most(services: Services) -> None:
    process(services, a_raw_mail(message_id="<2@customer>", **{"from": "dan@customer.example"}))

    with recorded_plans(services.engine) as plans:
        deliver_due(services)

    assert [row["fate"] for row in outbox(services)] == ["sent"] * 4
    # Answers that come together are written in one.
    assert len(plans.executed) <= CLAIMING + 4 * EACH


def test_an_answer_that_holds_a_nul_is_kept_without_it(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Client.getreply
    monkeypatch.setattr(Client, "getreply", lambda *given: (real(*given)[0], b"taken\0by nobody"))

    deliver_due(services)

    assert {row["reason"] for row in outbox(services)} == {"250 taken by nobody"}


def test_files_go_along_in_their_order_and_the_bytes_repeat(services: Services) -> None:
    row = outbox(services)[0]["id"]
    contents = [bytes([number]) * 100 for number in range(3)]
    with transaction(services.engine) as session:
        digests = [store_blob(session, content) for content in contents]
    for place, digest in enumerate(digests):
        name, content_id = ("chart.png", "chart@desk.example") if place == 1 else (f"{place}.bin", None)
        execute(services, "INSERT INTO mail.outbox_file VALUES (:row, :place, :name, :content_id, :digest)",
            row=row, place=place, name=name, content_id=content_id, digest=digest)  # fmt: skip

    with transaction(services.engine) as session:
        first, second = (ready_mail(session, services, read_outbox_mail(session, row)).message for _ in range(2))

    found = {file.filename: file.content for file in parse(first).attachments}
    assert first == second
    assert found == {"chart.png": contents[1], "0.bin": contents[0], "2.bin": contents[2]}
    assert first.index(b"0.bin") < first.index(b"2.bin")


def test_a_row_that_is_not_there_cannot_be_read(services: Services) -> None:
    with pytest.raises(LookupError), transaction(services.engine) as session:
        read_outbox_mail(session, 10**9)


def test_what_was_settled_meanwhile_is_not_taken(services: Services) -> None:
    row = outbox(services)[0]["id"]
    execute(services, "UPDATE mail.outbox SET claimed_by = :other, fate = 'held' WHERE id = :row", other=OTHER, row=row)

    with transaction(services.engine) as session:
        found = outbox_delivery.lock_mail(session, Claimed(OTHER, (row,)), row, frozenset(), USUAL)

    assert found is None
