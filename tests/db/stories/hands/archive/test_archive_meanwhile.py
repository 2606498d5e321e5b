"""What others do with a ticket at the instant at which it leaves: nothing of it is lost, nothing comes back to life."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.hands.old_tickets import make_old
from models.db.clock import read_now
from models.outbox.undelivered import State, send_again
from models.removal.archive.choose import OldEnough, choose
from models.removal.archive.restore import NotArchived, restore
from models.removal.archive.shape import read_shape
from models.removal.archive.take import archive
from tests.support.database.personal_data import ANN, WORD, leave_one_mail, personal_data_settings, tables_naming
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, process, query
from tests.support.servers.tcp_relay import wait_until
from worker.admin.archive import archive_old, bring_back
from worker.admin.forget import Forgetting, forget
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

OLD = OldEnough(datetime.now(UTC) - timedelta(days=2 * 365))
AWAY = "SELECT number FROM mail.archive"
WAITS = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
LAST = "SELECT id, fate, text FROM mail.outbox WHERE ticket_number = 1001 ORDER BY id DESC LIMIT 1"


@pytest.fixture
def desk(make_services: MakeServices) -> Services:
    """Services with one old ticket of Ann's."""
    services = make_services(ADMIN, AGENT, **personal_data_settings())
    leave_one_mail(services)
    make_old(services.engine)
    return services


def meanwhile(services: Services, work: Callable[[], Any]) -> "Future[Any]":
    """Start work in a thread, and come back once it waits for us or has ended."""
    pool = ThreadPoolExecutor(1)
    begun = pool.submit(work)
    pool.shutdown(wait=False)
    wait_until(lambda: begun.done() or query(services, WAITS)[0]["n"] > 0, 5)
    return begun


def test_a_ticket_of_which_a_mail_is_sent_again_just_then_is_passed_over(desk: Services) -> None:
    execute(desk, "UPDATE mail.outbox SET fate = 'held', reason = 'The recipient objected.', sent_at = NULL")
    number = query(desk, LAST)[0]["id"]

    with transaction(desk.engine) as session:
        assert send_again(session, [number], State.HELD) == [number]
        run = meanwhile(desk, lambda: archive_old(desk.engine, OLD, lambda _, __: None))
        waited = not run.done()
    run.result(10)

    assert not waited
    (mail,) = query(desk, LAST)
    assert (mail["fate"], mail["text"] != "", query(desk, AWAY)) == (None, True, [])


def test_who_is_forgotten_just_then_is_forgotten_in_the_archive_too(desk: Services) -> None:
    with transaction(desk.engine, quiet=True) as session:
        archive(session, read_shape(session), choose(session, OLD, 0)[1])
        forgetting = meanwhile(desk, lambda: forget(desk.engine, ANN))
    forgetting.result(10)

    assert query(desk, AWAY) == []
    assert tables_naming(desk, ANN, WORD) == set()


def test_who_wrote_on_a_ticket_of_another_is_forgotten_there_too(desk: Services) -> None:
    process(desk, a_raw_mail("Mine.", message_id="<2@x>", **{"from": "eve@far.example"}))
    execute(
        desk,
        """INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
            SELECT 'of-ann', :word, n.ticket_id, u.id, now(), now() FROM mail.ticket n, "User" u
            WHERE n.number = 1002 AND u.email = :ann""",
        word=WORD,
        ann=ANN,
    )
    make_old(desk.engine)
    execute(
        desk,
        "SELECT set_config('supportdesk.quiet', 'on', true)",
        """UPDATE "Ticket" SET status = 'open' WHERE id = (SELECT ticket_id FROM mail.ticket WHERE number = 1001)""",
    )

    with transaction(desk.engine, quiet=True) as session:
        chosen = choose(session, OLD, 0)[1]
        archive(session, read_shape(session), chosen)
        forgetting = meanwhile(desk, lambda: forget(desk.engine, ANN))
    assert isinstance(forgetting.result(10), Forgetting)

    assert [one.number for one in chosen] == [1002]
    assert query(desk, AWAY) == []
    assert tables_naming(desk, ANN, WORD) == set()


def test_of_two_who_bring_it_back_the_second_hears_that_it_is_here(desk: Services) -> None:
    archive_old(desk.engine, OLD, lambda _, __: None)

    with transaction(desk.engine) as session:
        restore(session, 1001, read_now(session))
        second = meanwhile(desk, lambda: bring_back(desk.engine, 1001))
    with pytest.raises(NotArchived, match="SD-1001 is not in the archive: it is here"):
        second.result(10)

    assert query(desk, AWAY) == []
