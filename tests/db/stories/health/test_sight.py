"""One look for all who ask, a sentence where there is none to be had, and the command that shows it by HTTP."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.statement import Statement, only_read
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.scrapes import scraped, sight_of, value
from tests.support.database.services import EXAMPLE, SECRET, Supportdesk, execute, services_on
from worker.admin.migrate import newest
from worker.runtime.health.look import look as looks_at
from worker.runtime.health.probes import sight as sights
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

SUPPORTDESK = Path(sys.executable).with_name("supportdesk")
SETTINGS = {
    "DATABASE_URL": "postgresql://x@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
}


def test_however_many_ask_the_database_is_asked_as_by_one(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    sight, looks, look = sight_of(services, kept=60), [], looks_at

    def slowly(*given: Any) -> Any:
        looks.append(given)
        time.sleep(0.2)
        return look(*given)

    monkeypatch.setattr(sights, "look", slowly)
    with ThreadPoolExecutor(20) as pool:
        seen = list(pool.map(lambda _: sight.see(), range(20)))

    assert (len(looks), len(set(map(id, seen))), sight.see() is seen[0]) == (1, 1, True)
    assert seen[0].look is not None


def test_nobody_waits_for_a_database_that_hangs_and_it_is_seen_when_it_is_back(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    sight, back, look = sight_of(services, wait=0.1), Event(), looks_at
    monkeypatch.setattr(sights, "look", lambda *given: back.wait(20) and look(*given))

    hanging = [sight.see(), sight.see()]
    back.set()
    sight.wait = 20
    after = sight.see()

    assert [one.unready() for one in hanging] == [["The database has not answered for 0 s."]] * 2
    assert (after.trouble, value(scraped(sight), "supportdesk_up")) == ("", 1)


def test_a_database_that_is_away_is_said_to_strangers_without_its_place_and_nowhere_with_its_password(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    away = services_on("postgresql://x:geheim@127.0.0.1:1/x")

    (sentence,) = sight_of(away).see().unready()

    assert sentence == "The database cannot be read: the log of this process says why."
    assert "127.0.0.1" in caplog.text
    assert "geheim" not in caplog.text


def test_the_newest_migration_is_what_it_needs() -> None:
    assert sights.needed_revision() == newest()


BEHIND = {
    "an older version": "UPDATE mail.alembic_version SET version_num = '0001'",
    "no version": "DELETE FROM mail.alembic_version",
    "no desk": "DROP SCHEMA mail CASCADE",
}


@pytest.mark.parametrize("behind", BEHIND)
def test_a_database_that_is_behind_is_not_ready_and_says_what_to_type(behind: str, services: Services) -> None:
    execute(services, BEHIND[behind])

    seen = sight_of(services).see()

    assert seen.look is None
    assert seen.unready()[0].endswith(": run `supportdesk db upgrade`.")


def test_what_goes_wrong_otherwise_is_said_and_ends_with_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sight = sight_of(services)
    with monkeypatch.context() as broken:
        broken.setattr(sights, "look", lambda *_: 1 / 0)
        wrong = sight.see()

    assert wrong.unready() == ["The desk could not be looked at: the log of this process says why."]
    assert "ZeroDivisionError" in caplog.text
    assert sight.see().look is not None


def test_a_look_can_write_nothing_and_takes_no_longer_than_it_may(services: Services) -> None:
    for statement, code in (("DELETE FROM mail.pulse", "25006"), ("SELECT pg_sleep(9)", "57014")):
        with pytest.raises(DBAPIError) as raised:
            look_with(services, statement)
        assert raised.value.orig.sqlstate == code  # type: ignore[union-attr]
    with transaction(services.engine, quiet=True) as session:
        assert Statement("SHOW statement_timeout").one(session).statement_timeout == "0"


def test_the_sight_itself_looks_without_writing(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write(session: Session, _: Services) -> None:
        Statement("DELETE FROM mail.pulse").write(session, {})

    monkeypatch.setattr(sights, "look", write)

    assert sight_of(services).see().look is None
    assert "read-only transaction" in caplog.text


def look_with(services: Services, statement: str) -> None:
    """Ask a statement as a look does, with less patience."""
    with transaction(services.engine, quiet=True) as session:
        only_read(session, 0.05)
        Statement(statement).rows(session)


@pytest.fixture
def served(services: Services, fresh_database: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command on the database of a desk with which all is well, with the address that it says."""
    all_is_well(services)
    environ = SETTINGS | {"PATH": "/usr/bin:/bin", "DATABASE_URL": fresh_database}
    words = [str(SUPPORTDESK), "--config", str(EXAMPLE), "serve", "--port", "0"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stderr
        line = process.stderr.readline()
        yield process, line.split()[-1]
        process.kill()


def asked(url: str) -> tuple[int, str]:
    """Status and text of an address."""
    try:
        with urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_the_command_answers_until_it_is_told_to_end(
    services: Services, served: tuple[subprocess.Popen[str], str]
) -> None:
    process, url = served
    fine = asked(f"{url}/ready")
    execute(services, FAULTS["no beat"][1])
    # Longer than what was seen is shown again.
    time.sleep(sights.KEPT_SECONDS + 0.2)
    wrong, metrics, live = asked(f"{url}/ready"), asked(f"{url}/metrics"), asked(f"{url}/live")

    process.send_signal(signal.SIGTERM)
    ended = process.wait(20)

    assert fine == (200, "The desk does its work.\n")
    assert (wrong[0], wrong[1].startswith("No beat. ")) == (503, True)
    assert value(metrics[1], "supportdesk_problems", problem="no_beat", severity="critical") == 1
    assert (live[0], ended) == (200, 0)


def test_a_port_that_is_taken_is_said_in_a_sentence(supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value_of in SETTINGS.items():
        monkeypatch.setenv(name, value_of)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = supportdesk("--config", EXAMPLE, "serve", "--port", port)

    sentence = f"The desk cannot listen at 127.0.0.1, port {port}: Address already in use. "
    assert (done.exit_code, done.output) == (2, f"{sentence}Choose others by --host and --port.\n")
