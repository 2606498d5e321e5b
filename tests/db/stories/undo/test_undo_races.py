"""`#undo` at the moment at which an answer goes out, is announced, or is taken back already: one of the two counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from models.events.rows import claim_events
from models.ledger.rows import LEDGER
from models.outbox.delivery import lock_mails
from models.outbox.rows import OUTBOX, Attempt, count_attempts, take_attempts_back
from tests.support.database.services import ADMIN, AGENT, a_raw_mail, execute, query, store_in_ledger
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.run import announce_claimed, announce_due
from worker.deliver.attempt import prepare
from worker.intake.run import IntakeBatch, receive_due, take_in
from worker.runtime import queue_run
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
PASS = {"authentication_results": "mx.desk.example; dmarc=pass header.from=desk.example"}
ANSWER = "Hello Ann, switch it off and on."
pytestmark = pytest.mark.services(
    ADMIN, AGENT, a_raw_mail(), AUTHSERV_ID="mx.desk.example", TRUST__STAFF="both", DESK__HOLD_ANSWERS="2 min"
)


def by_bob(services: Services, text: str) -> None:
    answer(services, last_mail(services, BOB, "ticket-assigned"), text, **PASS)


def store_undo(services: Services, number: int = 1) -> None:
    assigned = last_mail(services, BOB, "ticket-assigned")
    head = {"from": BOB, "to": str(assigned["reply_to"]), "message_id": f"<undo{number}@bob>"}
    store_in_ledger(services, a_raw_mail("#undo", **(head | PASS)))


def due_now(services: Services) -> Any:
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    return queue_run.claim_some(services.queue(OUTBOX), 50, None)


def row_to_ann(services: Services) -> int:
    return int(last_mail(services, ANN, "comment-to-customer")["id"])


def comments(services: Services) -> list[str]:
    return [row["content"] for row in query(services, 'SELECT content FROM "Comment"')]


def told(services: Services) -> list[str]:
    announce_due(services)
    return [" ".join(row["text"].split()) for row in mails_to(services, BOB, "command-answer")]


@contextmanager
def beside(services: Services) -> Iterator[Thread]:
    """Intake decides what waits, in a thread of its own that waits for what is locked here."""
    thread = Thread(target=receive_due, args=(services,))
    yield thread
    thread.join(30)
    assert not thread.is_alive()


def test_where_the_delivery_has_begun_the_answer_goes_and_stays(services: Services) -> None:
    by_bob(services, ANSWER)
    claimed, row = due_now(services), row_to_ann(services)
    store_undo(services)

    with beside(services) as intake, transaction(services.engine) as session:
        (locked,) = lock_mails(session, [(claimed, row)], frozenset(), services.policy.limits)
        intake.start()
        intake.join(0.5)
        assert intake.is_alive()
        assert locked is not None
        count_attempts(session, [Attempt(row, locked[0].now)])

    assert comments(services) == [ANSWER]
    assert query(services, "SELECT fate FROM mail.outbox WHERE id = :row", row=row) == [{"fate": None}]
    assert any("What you wrote stays, for it is out." in one for one in told(services))


def test_where_it_is_taken_back_first_a_delivery_that_has_claimed_it_sends_nothing(services: Services) -> None:
    by_bob(services, ANSWER)
    claimed, row = due_now(services), row_to_ann(services)
    assert row in claimed.ids
    store_undo(services)
    receive_due(services)

    assert prepare(services, claimed, row) is None
    assert comments(services) == []
    assert query(services, "SELECT fate, attempts FROM mail.outbox WHERE id = :row", row=row) == [
        {"fate": "held", "attempts": 0}
    ]


def test_an_attempt_that_was_recorded_and_never_made_leaves_it_to_be_taken_back(services: Services) -> None:
    by_bob(services, ANSWER)
    claimed, row = due_now(services), row_to_ann(services)
    assert prepare(services, claimed, row) is not None
    with transaction(services.engine) as session:
        take_attempts_back(session, [(claimed, row)])
    store_undo(services)
    receive_due(services)

    assert comments(services) == []


def test_a_mail_that_a_dying_process_may_have_sent_is_out(services: Services) -> None:
    by_bob(services, ANSWER)
    claimed, row = due_now(services), row_to_ann(services)
    # The process dies behind the commit of its attempt.
    assert prepare(services, claimed, row) is not None
    store_undo(services)
    receive_due(services)

    assert comments(services) == [ANSWER]
    execute(
        services, "UPDATE mail.outbox SET claimed_until = now() - interval '1 s', due_at = now() WHERE fate IS NULL"
    )
    assert queue_run.claim_one(services.queue(OUTBOX), None).ids != ()


def test_of_two_at_once_one_takes_back_and_the_other_says_so(services: Services) -> None:
    by_bob(services, f"#resolve\n{ANSWER}")
    for number in (1, 2):
        store_undo(services, number)
    threads = [Thread(target=receive_one, args=(services,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    answers = " ".join(told(services))
    assert answers.count("Your last mail on SD-1001 is taken back.") == 1
    assert answers.count("is taken back already; #undo goes one step.") == 1


def receive_one(services: Services) -> None:
    """One worker that claims a single mail at a time."""
    claimed = queue_run.claim_some(services.queue(LEDGER), 1, None)
    for row in claimed.ids:
        take_in(IntakeBatch(services, claimed), row)


def test_news_that_an_announcer_has_claimed_is_told_to_nobody(services: Services) -> None:
    head = {"from": BOB, "to": str(last_mail(services, BOB, "ticket-assigned")["reply_to"]), "message_id": "<a@bob>"}
    store_in_ledger(services, a_raw_mail(f"#resolve\n{ANSWER}", **(head | PASS)))
    receive_due(services)
    with transaction(services.engine) as session:
        claimed = claim_events(session, timedelta(minutes=2), 20)
    store_undo(services)
    receive_due(services)

    announce_claimed(services, claimed)
    announce_due(services)
    assert [row["template"] for row in mails_to(services, ANN)] == ["ticket-opened"]
    assert any("The ticket is now resolved." in one for one in told(services))


def test_a_process_that_dies_before_its_commit_has_taken_nothing_back(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_bob(services, ANSWER)
    store_undo(services)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("worker.intake.run.settle", killed)
    with pytest.raises(KeyboardInterrupt):
        receive_due(services)
    row = "SELECT fate, attempts FROM mail.outbox WHERE id = :row"
    assert query(services, row, row=row_to_ann(services)) == [{"fate": None, "attempts": 0}]
    assert comments(services) == [ANSWER]

    monkeypatch.undo()
    execute(services, "UPDATE mail.ledger SET claimed_until = now() - interval '1 s' WHERE fate IS NULL")
    receive_due(services)
    assert comments(services) == []
