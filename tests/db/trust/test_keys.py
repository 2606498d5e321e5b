"""Keys are changed without losing an answer, and a process that lacks one of those in use works on nothing."""

import json
import logging
import threading
import time
from typing import Any

import pytest

from desk.tokens import fingerprint
from models.outbox.signing_keys import accept_first_key, accept_key, keys_in_use, retire_key
from tests.support.database.services import (
    ADMIN,
    AGENT,
    EXAMPLE,
    SECRET,
    MakeServices,
    Supportdesk,
    a_raw_mail,
    process,
    query,
    store_in_ledger,
)
from tests.support.values.replies import last_mail
from worker.admin.doctor.run import keys, look_over
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ANN, BOB = "ann@customer.example", "bob@desk.example"
NEW = "another secret of the tests, 32 bytes"
# Each process's settings: `old` was started before the change, `both` after its first step, `new` after its second.
OLD_KEY = {"DESK__SECRET_KEY": SECRET}
BOTH = {"DESK__SECRET_KEY": SECRET, "DESK__PREVIOUS_SECRET_KEYS": json.dumps([NEW])}
NEW_KEY = {"DESK__SECRET_KEY": NEW, "DESK__PREVIOUS_SECRET_KEYS": json.dumps([SECRET])}
MANY = 40


def accept(services: Services, *secrets: str) -> None:
    with transaction(services.engine) as session:
        for secret in secrets:
            accept_key(session, fingerprint(secret.encode()))


def a_reply(mail: dict[str, Any], number: int, text: str = "And more") -> bytes:
    """An answer that shows nothing of its thread but the signed address."""
    headers = {"from": str(mail["recipient"]), "to": str(mail["reply_to"]), "subject": f"Other {number}"}
    return a_raw_mail(f"{text} {number}.", **headers, message_id=f"<r{number}@x>")


def on_tickets(services: Services) -> tuple[int, int]:
    """How many tickets and how many comments there are."""
    row = query(services, 'SELECT (SELECT count(*) FROM "Ticket") AS t, (SELECT count(*) FROM "Comment") AS c')[0]
    return row["t"], row["c"]


def test_an_answer_to_what_the_old_key_signed_finds_its_ticket(make_services: MakeServices) -> None:
    old = make_services(ADMIN, AGENT, a_raw_mail(), **OLD_KEY)
    mail = last_mail(old, ANN)
    new = make_services(**NEW_KEY)
    accept(new, SECRET, NEW)

    process(new, a_reply(mail, 1))

    assert on_tickets(new) == (1, 1)


def test_what_is_written_after_the_change_is_signed_by_the_new_key(make_services: MakeServices) -> None:
    make_services(ADMIN, AGENT, **OLD_KEY)
    new = make_services(a_raw_mail(), **NEW_KEY)
    mail = last_mail(new, ANN)
    alone = make_services(DESK__SECRET_KEY=NEW)

    process(alone, a_reply(mail, 1))

    assert on_tickets(new) == (1, 1)


def test_a_worker_with_the_older_key_beside_the_others_tears_no_thread(
    make_services: MakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = make_services(ADMIN, AGENT, **OLD_KEY), make_services(**NEW_KEY)
    accept(new, SECRET, NEW)
    process(new, a_raw_mail())
    row = store_in_ledger(new, a_reply(last_mail(new, ANN), 1))

    with caplog.at_level(logging.WARNING):
        done = [sweep(old).done for sweep in (receive_due, announce_due, deliver_due)]
    waiting = query(new, "SELECT fate, tries, claimed_by FROM mail.ledger WHERE id = :row", row=row)
    receive_due(new)

    assert (done, waiting) == ([0, 0, 0], [{"fate": None, "tries": 0, "claimed_by": None}])
    assert sum("previous_secret_keys" in record.getMessage() for record in caplog.records) == 3
    assert on_tickets(new) == (1, 1)


# What a process does whose keys are these, beside those in use.
BESIDE: list[tuple[dict[str, str], tuple[str, ...], bool]] = [
    (OLD_KEY, (), True),
    (OLD_KEY, (SECRET,), True),
    (BOTH, (SECRET,), True),
    (BOTH, (SECRET, NEW), True),
    (NEW_KEY, (SECRET, NEW), True),
    (NEW_KEY, (NEW,), True),
    (NEW_KEY, (SECRET,), False),
    (OLD_KEY, (SECRET, NEW), False),
    (OLD_KEY, (NEW,), False),
    (BOTH, (NEW,), False),
    ({"DESK__SECRET_KEY": NEW}, (SECRET,), False),
]


@pytest.mark.parametrize(("settings", "in_use", "works"), BESIDE)
def test_a_process_works_where_it_has_the_keys_in_use(
    make_services: MakeServices, settings: dict[str, str], in_use: tuple[str, ...], works: bool
) -> None:
    services = make_services(ADMIN, AGENT, **settings)
    accept(services, *in_use)
    store_in_ledger(services, a_raw_mail())

    done = receive_due(services).done
    trouble = next(look_over(services, (keys,))).trouble

    assert (done, trouble == "", "db keys accept" in trouble) == (int(works), works, not works)


def test_keys_are_changed_under_load_and_no_answer_is_lost(make_services: MakeServices) -> None:
    first = make_services(ADMIN, AGENT, a_raw_mail(), **OLD_KEY)
    accept(first, SECRET)
    ours = last_mail(first, ANN)
    stop = threading.Event()
    # A worker that nobody restarts before the end, and one that is restarted in the two steps of the change.
    crew = [work_until(stop, make_services(**OLD_KEY)), work_until(stop, make_services(**BOTH))]

    for number in range(MANY):
        store_in_ledger(first, a_reply(ours, number))
        if number == MANY // 4:
            accept(first, NEW)
            crew.append(work_until(stop, new := make_services(**NEW_KEY)))
        if number > MANY // 4:
            # Somebody else's thread, all of it written with whatever key its worker has.
            store_in_ledger(first, a_raw_mail(**{"from": f"c{number}@x.example", "message_id": f"<n{number}@x>"}))
    wait_for_rest(new)
    for number, row in enumerate(query(new, "SELECT * FROM mail.outbox WHERE template = 'ticket-opened'")):
        store_in_ledger(first, a_reply(row, 500 + number))
        # One by one, so that each of the crew gets some.
        time.sleep(0.1)
    wait_for_rest(new)
    stop.set()
    for worker in crew:
        worker.join()

    tickets, comments = on_tickets(new)
    opened = len(query(new, "SELECT 1 FROM mail.outbox WHERE template = 'ticket-opened'"))
    assert (tickets, comments) == (opened, MANY + opened)
    assert query(new, "SELECT 1 FROM mail.ledger WHERE fate IS DISTINCT FROM 'applied' OR tries > 0") == []


def work_until(stop: threading.Event, services: Services) -> threading.Thread:
    """A worker that takes mails in and announces them until it is told to stop."""

    def work() -> None:
        while not stop.wait(0.02):
            receive_due(services)
            announce_due(services)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    return worker


def wait_for_rest(services: Services) -> None:
    """Wait until the crew has left nothing undone."""
    left = "SELECT 1 FROM mail.ledger WHERE fate IS NULL UNION ALL SELECT 1 FROM mail.event WHERE fate IS NULL"
    ends = time.monotonic() + 60
    while query(services, left) and time.monotonic() < ends:
        time.sleep(0.05)


def test_of_two_first_processes_with_different_keys_one_begins(make_services: MakeServices) -> None:
    services = make_services(ADMIN)

    with transaction(services.engine) as session:
        accept_first_key(session, "one")
        accept_first_key(session, "two")
        in_use = keys_in_use(session)

    assert in_use == ("one",)


def test_the_last_key_in_use_is_never_retired(make_services: MakeServices) -> None:
    services = make_services(ADMIN)
    accept(services, SECRET, NEW)

    with transaction(services.engine) as session:
        retired = [retire_key(session, fingerprint(secret.encode())) for secret in (SECRET, SECRET, NEW)]
        in_use = keys_in_use(session)

    assert (retired, in_use) == ([True, False, False], (fingerprint(NEW.encode()),))


def test_the_commands_accept_show_and_retire_keys(
    make_services: MakeServices, supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(make_services(), SECRET)
    name = fingerprint(SECRET.encode())
    monkeypatch.setenv("SUPPORTDESK_DESK__SECRET_KEY", NEW)
    monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "demo")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    accepted = supportdesk("--config", EXAMPLE, "db", "keys", "accept")

    retired = supportdesk("db", "keys", "retire", name)
    again = supportdesk("db", "keys", "retire", name)
    listed = json.loads(supportdesk("db", "keys", "list", "--json").output)

    assert (accepted.exit_code, retired.exit_code, again.exit_code) == (0, 0, 2)
    assert {key["fingerprint"]: key["retired_at"] is None for key in listed} == {
        name: False,
        fingerprint(NEW.encode()): True,
    }
    assert name in supportdesk("db", "keys", "list").output
