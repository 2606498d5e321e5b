"""Whose fault an error of the database is: what the server has no room or no time for is no mail's."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from models.db.engine import make_engine
from tests.support.database.services import a_raw_mail, execute, query, services_on, store_in_ledger
from worker.announce.run import announce_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

MAILS = 5
# Disk full, out of memory, too many connections, shut down, connection lost, deadlock, a lock that others kept, an
# error of the disk, and a server that only reads.
INFRASTRUCTURE = ("53100", "53200", "53300", "57P01", "08006", "40P01", "55P03", "58030", "25006")


@contextmanager
def refusing(services: Services, table: str, state: str) -> Iterator[None]:
    """Let the server answer every new row of a table with this SQLSTATE."""
    raising = f"BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '{state}'; END"
    execute(
        services,
        f"CREATE FUNCTION mail.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$",
        f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION mail.refuse()",
    )
    yield
    execute(services, f"DROP TRIGGER refuse ON {table}", "DROP FUNCTION mail.refuse")


def untouched(services: Services, queue: str) -> int:
    """How many rows of a queue are undecided, in nobody's hand, and charged nothing."""
    statement = f"SELECT count(*) AS n FROM {queue} WHERE fate IS NULL AND claimed_by IS NULL AND tries = 0"
    return int(query(services, statement)[0]["n"])


def write_mails(services: Services) -> None:
    for number in range(MAILS):
        store_in_ledger(services, a_raw_mail(f"It is {number}.", message_id=f"<{number}@x>"))


@pytest.mark.parametrize("state", INFRASTRUCTURE)
def test_intake_stops_at_the_servers_trouble_and_goes_on_later(services: Services, state: str) -> None:
    write_mails(services)

    with refusing(services, '"Ticket"', state):
        stopped = receive_due(services)
        waiting = untouched(services, "mail.ledger")
    receive_due(services)

    assert (stopped.done, stopped.more, waiting) == (0, False, MAILS)
    assert query(services, "SELECT fate, tries FROM mail.ledger") == [{"fate": "applied", "tries": 0}] * MAILS


def test_announcing_stops_at_a_full_disk_and_goes_on_later(services: Services) -> None:
    write_mails(services)
    receive_due(services)

    with refusing(services, "mail.outbox", "53100"):
        announce_due(services)
        waiting = untouched(services, "mail.event")
    announce_due(services)

    assert waiting == MAILS
    assert query(services, "SELECT count(*) AS n FROM mail.outbox") == [{"n": 2 * MAILS}]


@pytest.mark.parametrize("state", ["22001", "54000", "57014", "P0001"])
def test_what_only_this_mail_does_is_charged_to_it(services: Services, state: str) -> None:
    write_mails(services)

    with refusing(services, '"Ticket"', state):
        receive_due(services)

    assert query(services, "SELECT tries FROM mail.ledger") == [{"tries": 1}] * MAILS


def test_a_mail_that_waits_for_a_lock_gives_up_before_it_is_ended_for_it(services: Services) -> None:
    waits = query(services, "SELECT extract(epoch FROM current_setting('lock_timeout')::interval) AS seconds")

    assert 0 < waits[0]["seconds"] < services.limits.mail_seconds


@pytest.mark.parametrize(
    "name", ["tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"]
)
def test_the_server_notices_within_half_a_minute_that_a_machine_was_cut_off(services: Services, name: str) -> None:
    setting = query(services, "SELECT setting::int AS value FROM pg_settings WHERE name = :name", name=name)[0]

    assert 0 < setting["value"] <= (30_000 if name == "tcp_user_timeout" else 15)


def test_an_operators_own_keepalives_stand(fresh_database: str) -> None:
    own = "keepalives_idle=7&options=-c%20tcp_keepalives_idle%3D7"
    engine = make_engine(f"{fresh_database}?{own}", application_name="tests")

    with engine.connect() as connection:
        server = connection.exec_driver_sql("SHOW tcp_keepalives_idle").scalar_one()
        ours = connection.connection.driver_connection.info.get_parameters()["keepalives_idle"]  # type: ignore[union-attr]
    engine.dispose()

    assert (server, ours) == ("7", "7")


def test_a_database_that_is_away_ends_the_run_with_an_error_and_no_charge(services: Services) -> None:
    away = services_on("postgresql+psycopg://postgres@127.0.0.1:1/nothing")

    with pytest.raises(DBAPIError):
        announce_due(away)
