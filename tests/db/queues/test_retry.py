"""A retry after a fix is as good as a first run, and what is in quarantine keeps nobody waiting."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mail.inbound.parse import parse
from models.db.engine import make_engine
from models.ledger.quarantine import give_back
from tests.support.database.poison import a_stub, fate_of, parse_or_raise, poisoned_mail, run_all_tries
from tests.support.database.services import (
    ADMIN,
    AGENT,
    Supportdesk,
    a_raw_mail,
    execute,
    query,
    services_on,
    store_in_ledger,
)
from worker.admin.digests.quarantine import send_digest, try_again
from worker.admin.migrate import upgrade
from worker.intake import run as intake
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

pytestmark = pytest.mark.services(ADMIN, AGENT, LIMITS__RETRY_SECONDS="0")


@pytest.fixture
def second_services(empty_database: str) -> Iterator[Services]:
    engine = make_engine(empty_database, application_name="tests")
    upgrade(engine)
    engine.dispose()
    services = services_on(empty_database, ADMIN, AGENT, LIMITS__RETRY_SECONDS="0")
    yield services
    services.engine.dispose()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Mails with the header X-Poison cannot be parsed; what the fixture gives mends that."""
    monkeypatch.setattr(intake, "parse", parse_or_raise)
    return lambda: monkeypatch.setattr(intake, "parse", parse)


def what_there_is(services: Services) -> dict[str, list[dict[str, Any]]]:
    """Everything that mails made, without ids and times."""
    return {
        name: query(services, statement)
        for name, statement in {
            "ledger": "SELECT id, fate, reason, error, evidence, tries, sender, recipients, automatic, ticket_number,"
            " person_number, reported_at, claimed_by, claimed_until FROM mail.ledger ORDER BY id",
            "tickets": "SELECT title, description, status::text, priority::text, category::text, c.email AS customer,"
            ' a.email AS agent FROM "Ticket" t JOIN "User" c ON c.id = "createdById"'
            ' LEFT JOIN "User" a ON a.id = "assignedToId" ORDER BY title',
            "comments": 'SELECT content, email FROM "Comment" c JOIN "User" u ON u.id = c."userId" ORDER BY content',
            "activities": 'SELECT action, description FROM "TicketActivity" ORDER BY action, description',
            "ids": "SELECT hash, ticket_number, refers FROM mail.message_id WHERE hash NOT IN"
            " (SELECT substr(sha256(message_id::bytea), 1, 16) FROM mail.outbox) ORDER BY hash",
            "mails": "SELECT template, recipient, ticket_number FROM mail.outbox ORDER BY template, recipient",
        }.items()
    }


@pytest.mark.usefixtures("broken")
def test_a_poisoned_parent_does_not_block_its_replies(services: Services) -> None:
    parent = store_in_ledger(services, poisoned_mail("The first.", message_id="<parent@x>"))
    child = store_in_ledger(services, a_raw_mail("More.", message_id="<child@x>", in_reply_to="<parent@x>"))

    run_all_tries(services)

    assert parent
    assert child
    assert (fate_of(services, parent), fate_of(services, child)) == ("quarantined", "applied")


def test_a_retry_after_a_fix_gives_what_a_first_run_would_have_given(
    services: Services, second_services: Services, broken: Callable[[], None], supportdesk: Supportdesk
) -> None:
    mails = [
        poisoned_mail("Our invoice is wrong.", subject="Invoice", message_id="<i@x>", cc="dan@customer.example"),
        a_raw_mail("Another thing.", subject="Another", message_id="<o@x>"),
    ]
    for raw in mails:
        store_in_ledger(services, raw)
    run_all_tries(services)
    row = query(services, "SELECT id FROM mail.ledger WHERE fate = 'quarantined' AND tries = 3")[0]["id"]
    send_digest(services)
    execute(services, "DELETE FROM mail.event WHERE kind = 'quarantine_digest'")
    broken()

    said = supportdesk("quarantine", "retry", row)
    run_all_tries(services)
    for raw in (mails[1], mails[0]):
        store_in_ledger(second_services, raw, uid=2 if raw is mails[1] else 1)
        run_all_tries(second_services)

    retried, first = what_there_is(services), what_there_is(second_services)
    # The rows were stored in another order there, which is all that may differ.
    for one in (*retried["ledger"], *first["ledger"]):
        del one["id"]
    assert said.exit_code == 0
    assert "ValueError: no such thing" in said.output
    assert sorted(map(str, retried.pop("ledger"))) == sorted(map(str, first.pop("ledger")))
    assert retried == first


def test_a_parent_that_is_retried_joins_the_ticket_of_its_reply(services: Services, broken: Callable[[], None]) -> None:
    parent = store_in_ledger(services, poisoned_mail("The first.", message_id="<parent@x>"))
    store_in_ledger(services, a_raw_mail("More.", message_id="<child@x>", in_reply_to="<parent@x>"))
    run_all_tries(services)
    broken()

    try_again(services.engine, [parent or 0])
    run_all_tries(services)

    assert [row["ticket_number"] for row in query(services, "SELECT ticket_number FROM mail.ledger")] == [1001, 1001]
    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == ["The first."]


def test_a_strangers_parent_that_is_retried_has_a_ticket_of_its_own(
    services: Services, broken: Callable[[], None]
) -> None:
    stranger = {"from": "eve@elsewhere.example", "message_id": "<parent@x>"}
    parent = store_in_ledger(services, poisoned_mail("The first.", **stranger))
    store_in_ledger(services, a_raw_mail("More.", message_id="<child@x>", in_reply_to="<parent@x>"))
    run_all_tries(services)
    broken()

    try_again(services.engine, [parent or 0])
    run_all_tries(services)

    assert query(services, 'SELECT 1 FROM "Comment"') == []
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 2


def test_a_reply_that_comes_while_its_parent_is_retried_waits_for_it(
    services: Services, broken: Callable[[], None]
) -> None:
    parent = store_in_ledger(services, poisoned_mail("The first.", message_id="<parent@x>"))
    run_all_tries(services)
    broken()
    try_again(services.engine, [parent or 0])
    store_in_ledger(services, a_raw_mail("More.", message_id="<child@x>", in_reply_to="<parent@x>"))

    run_all_tries(services)

    assert [row["description"] for row in query(services, 'SELECT description FROM "Ticket"')] == ["The first."]
    assert [row["content"] for row in query(services, 'SELECT content FROM "Comment"')] == ["More."]


@pytest.mark.usefixtures("broken")
def test_a_mail_that_fails_again_after_a_retry_has_three_tries_and_is_told_of_again(services: Services) -> None:
    row = store_in_ledger(services, poisoned_mail())
    run_all_tries(services)
    send_digest(services)

    try_again(services.engine, None)
    run_all_tries(services)

    found = query(services, "SELECT fate, tries FROM mail.ledger WHERE id = :row", row=row)[0]
    assert found == {"fate": "quarantined", "tries": 3}
    assert send_digest(services) == 1


def test_a_twin_that_was_taken_in_meanwhile_is_not_doubled_by_a_retry(
    services: Services, broken: Callable[[], None]
) -> None:
    store_in_ledger(services, poisoned_mail(), uid=1)
    run_all_tries(services)
    broken()
    store_in_ledger(services, poisoned_mail(), uid=2)
    run_all_tries(services)

    try_again(services.engine, None)
    run_all_tries(services)

    found = [row["fate"] for row in query(services, "SELECT fate FROM mail.ledger ORDER BY id")]
    assert found == ["not_applied", "applied"]
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 1


def test_what_is_not_in_quarantine_is_not_tried_again(services: Services, supportdesk: Supportdesk) -> None:
    applied = store_in_ledger(services, a_raw_mail())
    run_all_tries(services)

    said = supportdesk("quarantine", "retry", applied, 4711)

    assert said.exit_code == 2
    assert said.stderr.splitlines() == [
        f"{applied} stays: it is not in quarantine.",
        "4711 stays: it is not in quarantine.",
    ]
    assert fate_of(services, applied or 0) == "applied"


def test_all_that_are_whole_are_tried_again(
    services: Services, broken: Callable[[], None], supportdesk: Supportdesk
) -> None:
    for number in range(3):
        store_in_ledger(services, poisoned_mail(message_id=f"<{number}@x>"))
    a_stub(services)
    run_all_tries(services)
    broken()

    said = supportdesk("quarantine", "retry", "--all")
    run_all_tries(services)

    assert "3 given back, 1 left" in said.output
    assert len(query(services, 'SELECT 1 FROM "Ticket"')) == 3


@pytest.mark.parametrize("words", [("retry",), ("retry", "1", "--all")])
def test_a_retry_names_its_mails_or_says_all(words: tuple[str, ...], supportdesk: Supportdesk) -> None:
    said = supportdesk("quarantine", *words)

    assert said.exit_code == 2
    assert "--all" in said.output


def test_what_another_retry_has_given_back_already_is_not_given_back_again(services: Services) -> None:
    applied = store_in_ledger(services, a_raw_mail())
    run_all_tries(services)

    with transaction(services.engine) as session:
        given = give_back(session, [applied or 0])

    assert given == []
