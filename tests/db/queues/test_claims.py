"""Claims have an owner: nobody works a row that is not theirs, and the innocent are not charged."""

import time
from datetime import timedelta

import pytest

from models.db import claims
from models.db.claims import MOST_TRIES, Claimed
from models.ledger.rows import LEDGER
from tests.support.database.services import a_raw_mail, execute, query, store_in_ledger
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

LEASE = timedelta(minutes=1)
SOON_SECONDS = 2
pytestmark = pytest.mark.services()


def mails(services: Services, count: int) -> list[int]:
    stored = (store_in_ledger(services, a_raw_mail(message_id=f"<{n}@x>")) for n in range(count))
    return [row for row in stored if row]


def fresh(services: Services, most: int = 10) -> Claimed:
    with transaction(services.engine) as session:
        return claims.claim_fresh(session, LEDGER, LEASE, most)


def alone(services: Services) -> Claimed:
    with transaction(services.engine) as session:
        return claims.claim_alone(session, LEDGER, LEASE)


def expire(services: Services) -> None:
    execute(services, "UPDATE mail.ledger SET claimed_until = now() - interval '1 second' WHERE claimed_by IS NOT NULL")


def test_two_workers_never_claim_the_same_row(services: Services) -> None:
    mails(services, 6)

    first, second = fresh(services, 4), fresh(services, 4)

    assert len(first.ids) == 4
    assert len(second.ids) == 2
    assert not set(first.ids) & set(second.ids)


def test_fresh_rows_are_claimed_oldest_first_and_charge_no_try(services: Services) -> None:
    stored = mails(services, 3)

    claimed = fresh(services, 2)

    assert list(claimed.ids) == stored[:2]
    assert {row["tries"] for row in query(services, "SELECT tries FROM mail.ledger")} == {0}


def test_a_row_can_be_locked_by_its_owner_only(services: Services) -> None:
    mails(services, 1)
    claimed = fresh(services)
    expire(services)
    taken_over = alone(services)

    with transaction(services.engine) as session:
        locked = [claims.lock(session, LEDGER, owner, claimed.ids[0]) for owner in (claimed, taken_over)]

    assert locked == [False, True]


def test_a_batch_that_died_charges_nobody_and_its_rows_come_back_one_by_one(services: Services) -> None:
    stored = mails(services, 3)
    fresh(services)
    expire(services)

    first, second = alone(services), alone(services)

    assert [first.ids, second.ids] == [(stored[0],), (stored[1],)]
    assert (first.tries, second.tries) == (0, 0)


def test_a_row_that_ends_its_process_alone_is_charged_each_time_until_it_is_worn_out(services: Services) -> None:
    mails(services, 1)
    fresh(services)
    seen = []
    for _ in range(MOST_TRIES + 1):
        expire(services)
        seen.append(alone(services))

    assert [claimed.tries for claimed in seen] == [0, 1, 2, 3]
    assert [claimed.is_worn_out for claimed in seen] == [False, False, False, True]


def test_a_claim_from_before_the_servers_start_is_refunded(services: Services) -> None:
    mails(services, 1)
    fresh(services)
    expire(services)
    alone(services)
    execute(services, "UPDATE mail.ledger SET claimed_at = pg_postmaster_start_time() - interval '1 minute'")
    expire(services)

    assert alone(services).tries == 0


def test_an_exception_charges_a_try_and_the_row_waits(services: Services) -> None:
    mails(services, 1)
    claimed = fresh(services)

    with transaction(services.engine) as session:
        tries = claims.charge(session, LEDGER, claimed, claimed.ids[:1], "ValueError: no", timedelta(minutes=1))

    assert tries == 1
    assert fresh(services).ids == alone(services).ids == ()


def test_a_released_row_is_fresh_again(services: Services) -> None:
    stored = mails(services, 1)
    claimed = fresh(services)

    with transaction(services.engine) as session:
        claims.release(session, LEDGER, claimed)

    assert list(fresh(services).ids) == stored


def test_a_reply_waits_for_its_undecided_parent_and_a_cycle_waits_for_nobody(services: Services) -> None:
    parent = store_in_ledger(services, a_raw_mail(message_id="<p@x>", in_reply_to="<c@x>"))
    store_in_ledger(services, a_raw_mail(message_id="<c@x>", in_reply_to="<p@x>"))

    assert fresh(services).ids == (parent,)


def test_the_same_message_id_is_worked_one_after_the_other(services: Services) -> None:
    first = store_in_ledger(services, a_raw_mail("one"))
    store_in_ledger(services, a_raw_mail("two"))

    assert fresh(services).ids == (first,)


def test_a_claim_from_a_never_analysed_backlog_uses_the_queues_own_index(services: Services) -> None:
    execute(
        services,
        """
        INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example');
        INSERT INTO mail.ledger
            (mailbox_id, folder, uidvalidity, uid, size, fingerprint, message_id_hash, refers_hashes)
        SELECT 1, 'INBOX', 7, n, 1, '', decode(md5(n::text), 'hex'), ARRAY[decode(md5('old' || n), 'hex')]
        FROM generate_series(1, 10000) n
        """,
    )

    plan = explained(services)
    began = time.monotonic()
    with transaction(services.engine) as session:
        claimed = claims.claim_fresh(session, LEDGER, LEASE, 10)

    assert len(claimed.ids) == 10
    assert "Index Scan using ledger_undecided_idx on ledger q" in plan
    assert "Index Scan using ledger_undecided_message_id_idx on ledger p" in plan
    assert not [word for word in ("Seq Scan on ledger", "Bitmap", "Sort") if word in plan]
    assert time.monotonic() - began < SOON_SECONDS


def test_a_long_thread_that_waits_for_its_first_mail_does_not_slow_a_claim(services: Services) -> None:
    execute(
        services,
        """
        INSERT INTO mail.mailbox (name, address) VALUES ('support', 'support@desk.example');
        INSERT INTO mail.ledger
            (mailbox_id, folder, uidvalidity, uid, size, fingerprint, message_id_hash, refers_hashes)
        SELECT 1, 'INBOX', 7, n, 1, '', decode(md5(n::text), 'hex'), ARRAY[decode(md5((n - 1)::text), 'hex')]
        FROM generate_series(1, 3000) n
        """,
    )
    began = time.monotonic()

    claimed = fresh(services)

    assert len(claimed.ids) == 1
    assert time.monotonic() - began < SOON_SECONDS


def explained(services: Services) -> str:
    found: list[str] = []
    with transaction(services.engine) as session:
        explain = session.connection().exec_driver_sql
        claims.PLAN_ANEW.rows(session)
        statement = claims.fresh_statement(LEDGER).statement
        values = {"token": "00000000-0000-0000-0000-000000000000", "lease": LEASE, "most": 10}
        found = [str(row[0]) for row in explain(f"EXPLAIN {statement}", values)]
        session.rollback()
    return "\n".join(found)
