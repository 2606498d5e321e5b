"""An account that calls itself more than the desk grants is told to the admins, once."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from desk.notices.events import Alert, AlertKey
from models.events.rows import add_alert
from models.people.suspects import find_new_suspects
from tests.support.database.services import execute, query
from tests.support.values.words import plain
from worker.admin.digests.unlisted_staff import tell_of_suspects
from worker.announce.run import announce_due
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

SIGN_UP = """
INSERT INTO "User" (id, email, role, "createdAt", "updatedAt")
VALUES (:id, :email, CAST(:role AS "UserRole"), now(), now())
"""


def alerts(services: Services) -> list[str]:
    announce_due(services)
    found = query(services, "SELECT recipient, text FROM mail.outbox WHERE template = 'alert' ORDER BY id")
    assert {mail["recipient"] for mail in found} <= {"ada@desk.example"}
    return [" ".join(str(mail["text"]).split()) for mail in found]


def test_staff_who_are_in_the_list_are_no_news(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="ann@customer.example", role="customer")

    assert tell_of_suspects(services) == 0
    assert alerts(services) == []


def test_a_self_made_admin_is_told_once(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="eve@elsewhere.example", role="admin")

    told = [tell_of_suspects(services), tell_of_suspects(services)]

    (alert,) = alerts(services)
    assert told == [1, 0]
    assert "eve@elsewhere.example calls itself an admin, and is not in the desk's staff list." in alert


def test_an_agent_who_made_themselves_admin_is_told(services: Services) -> None:
    execute(services, "UPDATE \"User\" SET role = 'admin' WHERE email = 'bob@desk.example'")

    tell_of_suspects(services)

    assert "bob@desk.example calls itself an admin" in alerts(services)[0]


def test_a_second_account_under_the_address_of_staff_is_told(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="Bob@Desk.example", role="customer")

    tell_of_suspects(services)

    assert "There is a second account under the address of bob@desk.example: Bob@Desk.example" in alerts(services)[0]


def test_several_stand_in_one_mail(services: Services) -> None:
    for number in range(25):
        execute(services, SIGN_UP, id=f"c{number}", email=f"eve{number}@elsewhere.example", role="agent")

    tell_of_suspects(services)

    (alert,) = alerts(services)
    assert "And 5 more." in alert


def test_of_many_those_without_a_sentence_are_told_of_once_too(services: Services) -> None:
    for number in range(25):
        execute(services, SIGN_UP, id=f"c{number}", email=f"eve{number}@elsewhere.example", role="agent")

    assert [tell_of_suspects(services), tell_of_suspects(services)] == [25, 0]


def test_who_claims_more_than_before_is_told_again(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="eve@elsewhere.example", role="agent")
    tell_of_suspects(services)
    execute(services, "UPDATE \"User\" SET role = 'admin' WHERE id = 'c1'")

    assert [tell_of_suspects(services), tell_of_suspects(services)] == [1, 0]


def test_two_that_look_at_once_tell_once(services: Services) -> None:
    execute(services, SIGN_UP, id="c1", email="eve@elsewhere.example", role="admin")

    with ThreadPoolExecutor(1) as other:
        with transaction(services.engine) as session:
            first = find_new_suspects(session)
            second = other.submit(tell_of_suspects, services)
            await_waiting(services, second)
            words = plain("They are told.")
            add_alert(session, Alert(AlertKey.ACCOUNTS, words, words, words, tuple(one.key for one in first)))
        told = second.result(timeout=10)

    assert (len(first), told) == (1, 0)


def await_waiting(services: Services, work: "Future[int]") -> None:
    """Wait until the work waits for somebody's lock, or is done without having to; for at most 10 s."""
    waiting = """
    SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = :name)
    """
    ends = time.monotonic() + 10
    while (
        not work.done() and time.monotonic() < ends and not query(services, waiting, name=services.engine.url.database)
    ):
        time.sleep(0.02)
