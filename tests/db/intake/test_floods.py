"""Floods: what fills the desk is parked and told of in a digest, tried again when it is over, and never staff's."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from desk.facts import Flood, Wanted
from desk.gate.caps import caps_of
from desk.intake.assessment import questions
from desk.limits import USUAL
from desk.trust.judge import Proof
from mail.inbound.parse import parse
from models.db.statement import Statement
from models.intake.history import read_history
from models.ledger.mails import LedgerMail
from tests.support.database.services import a_raw_mail, execute, process, query
from tests.support.database.waiting_mails import repeat_sent
from worker.admin.digests.quarantine import send_digest, try_again
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

STAFF_CAPS = caps_of(USUAL, staff=True)
MOST_BYTES = USUAL.megabytes_from_address_a_day * 1024**2
MOST_TICKETS_OF_ADDRESS = USUAL.tickets_from_address_an_hour
MOST_TICKETS_OF_DOMAIN = USUAL.tickets_from_domain_an_hour

ANN, BOB = "ann@customer.example", "bob@desk.example"
NUMBERS = count(1)


@pytest.fixture
def services(services: Services) -> Services:
    """Ann has one ticket, which Bob works on."""
    write(services, ANN)
    return services


def write(services: Services, sender: str, **headers: str) -> dict[str, Any]:
    """A new mail of somebody; its ledger row."""
    found: dict[str, Any] = process(
        services, a_raw_mail(**{"from": sender, "message_id": f"<{next(NUMBERS)}@flood>"} | headers)
    )
    return found


def came(services: Services, tickets: int, sender: str = "'ann@customer.example'", **changes: str) -> None:
    """So many further mails like Ann's first, each of which opened a ticket; values are SQL that may name `n`."""
    given = {"stored_at": "now()", "internal_date": "NULL", "size": "10", "rule": "'new_ticket'"} | changes
    execute(
        services,
        f"""INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, internal_date, stored_at, size, fingerprint,
            fate, sender, ticket_number, evidence)
        SELECT mailbox_id, folder, uidvalidity, (SELECT max(uid) FROM mail.ledger) + n, {given["internal_date"]},
            {given["stored_at"]}, {given["size"]}, '', 'applied', {sender}, ticket_number,
            jsonb_build_object('rule', {given["rule"]})
        FROM mail.ledger, generate_series(1, {tickets}) n WHERE id = (SELECT min(id) FROM mail.ledger)""",
    )


def test_more_tickets_than_people_write_are_parked(services: Services) -> None:
    came(services, MOST_TICKETS_OF_ADDRESS - 2)

    last, parked = write(services, ANN), write(services, ANN)

    assert (last["fate"], parked["fate"]) == ("applied", "quarantined")
    assert parked["evidence"]["rule"] == "too_many_tickets"
    assert f"{ANN} opened {MOST_TICKETS_OF_ADDRESS} tickets within an hour" in parked["reason"]


def test_many_addresses_of_one_domain_are_parked_and_other_domains_go_on(services: Services) -> None:
    came(services, MOST_TICKETS_OF_DOMAIN, "'someone' || n || '@customer.example'")

    parked, other = write(services, "new@customer.example"), write(services, "dan@other.example")

    assert (parked["fate"], other["fate"]) == ("quarantined", "applied")
    assert "customer.example opened" in parked["reason"]


def test_more_bytes_than_a_days_work_are_parked(services: Services) -> None:
    came(services, 1, size=str(MOST_BYTES), stored_at="now() - interval '23 hours'", rule="'customer_on_ticket'")

    parked = write(services, ANN)

    assert (parked["fate"], parked["evidence"]["rule"]) == ("quarantined", "too_many_bytes")


def test_what_is_parked_is_told_of_in_the_admins_digest_and_in_no_notice(services: Services) -> None:
    came(services, MOST_TICKETS_OF_ADDRESS)
    before = len(query(services, "SELECT 1 FROM mail.outbox"))
    write(services, ANN, subject="One more")

    told = send_digest(services)
    announce_due(services)

    mails = query(services, "SELECT recipient, template, text FROM mail.outbox ORDER BY id")[before:]
    assert told == 1
    assert [(mail["recipient"], mail["template"]) for mail in mails] == [("ada@desk.example", "quarantine-digest")]
    assert "One more" in mails[0]["text"]


def test_what_was_parked_opens_its_tickets_when_it_is_tried_again_after_the_hour(services: Services) -> None:
    came(services, MOST_TICKETS_OF_ADDRESS)
    parked = [write(services, ANN)["id"] for _ in range(3)]
    execute(services, "UPDATE mail.ledger SET stored_at = stored_at - interval '61 minutes'")

    tried = try_again(services.engine, None)
    receive_due(services)

    found = query(services, "SELECT fate FROM mail.ledger WHERE id = ANY(:parked)", parked=parked)
    assert [one.number for one in tried] == parked
    assert [row["fate"] for row in found] == ["applied"] * 3


def test_staffs_mails_are_never_parked(services: Services) -> None:
    came(services, MOST_TICKETS_OF_DOMAIN, f"'{BOB}'", size=str(MOST_BYTES))

    found = write(services, BOB)

    assert (found["fate"], found["evidence"]["rule"]) == ("not_applied", "staff_without_power")


def test_a_flood_of_tickets_waits_before_it_fills_an_agents_mailbox(services: Services) -> None:
    repeat_sent(services, BOB, STAFF_CAPS[0].most)

    write(services, "dan@other.example")

    waiting = query(services, "SELECT * FROM mail.outbox WHERE recipient = :bob ORDER BY id DESC LIMIT 1", bob=BOB)[0]
    assert (waiting["template"], waiting["fate"]) == ("ticket-assigned", None)
    assert timedelta(minutes=50) < waiting["due_at"] - datetime.now(UTC) <= timedelta(hours=1)
    assert f"{STAFF_CAPS[0].most} mails in 60 minutes" in waiting["reason"]


NOW = datetime.now(UTC)
SOME_MAIL = LedgerMail(
    0, "support", b"x" * 32, 0, partial=False, confirmed=False, restored=False, raw=b"", arrived_at=NOW, now=NOW
)


def wanted(services: Services, sender: str) -> Wanted:
    return questions(parse(f"From: {sender}\n\nHello".encode()), services.policy)


def flood(services: Services, sender: str = ANN) -> Flood:
    with transaction(services.engine) as session:
        return read_history(session, SOME_MAIL, wanted(services, sender), datetime.now(UTC)).floods[Proof.CLAIMED]


COUNTED: list[tuple[dict[str, str], tuple[int, int]]] = [
    ({}, (5, 5)),
    ({"sender": "'a.n.n+' || n || '@customer.example'"}, (5, 5)),
    ({"sender": "'anna@customer.example'"}, (0, 5)),
    ({"sender": "'ann@other.example'"}, (0, 0)),
    # Comments and notes fill no list of tickets.
    ({"rule": "'customer_on_ticket'"}, (0, 0)),
    ({"stored_at": "now() - interval '61 minutes'"}, (0, 0)),
    # They came over two days, and were taken at once when the desk was there again.
    ({"internal_date": "now() - n * interval '7 hours'"}, (0, 0)),
    ({"internal_date": "now() + interval '1 day'"}, (5, 5)),
]


@pytest.mark.parametrize(("changes", "more"), COUNTED)
def test_what_counts_are_the_tickets_that_came_within_the_hour(
    services: Services, changes: dict[str, str], more: tuple[int, int]
) -> None:
    before = flood(services)

    came(services, 5, **changes)

    found = flood(services)
    assert (found.of_address - before.of_address, found.of_domain - before.of_domain) == more


def test_a_mail_that_was_not_taken_fills_no_quota(services: Services) -> None:
    before = flood(services).size

    came(services, 1, size="1000")
    execute(services, "UPDATE mail.ledger SET partial = true WHERE id = (SELECT max(id) FROM mail.ledger)")
    came(services, 1, size="100")

    assert flood(services).size == before + 100


def test_the_counts_are_taken_by_their_indexes(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    came(services, 20_000, "'someone' || n || '@domain' || n % 500 || '.example'")
    with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE mail.ledger"))
    asked: list[tuple[str, Any]] = []
    ask = Statement.one

    def heard(self: Statement, session: Any, values: Any = None) -> Any:
        asked.append((self.statement, values))
        return ask(self, session, values)

    monkeypatch.setattr(Statement, "one", heard)
    with transaction(services.engine) as session:
        read_history(session, SOME_MAIL, wanted(services, ANN), datetime.now(UTC))
        ((statement, values),) = asked
        plan = "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {statement}", values).scalars())

    for index in ("ledger_domain_stored_at_idx", "ledger_correspondent_stored_at_idx", "ledger_fingerprint_idx"):
        assert index in plan
