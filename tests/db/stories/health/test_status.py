"""`supportdesk status` shows what the database knows, says first what is wrong, and ends with 0, 1 or 2."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk.reports.health.facts import AlarmKind
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.services import EXAMPLE, SECRET, execute
from worker.cli.main import main
from worker.runtime.health.look import look_once
from worker.runtime.services import Services

Status = Callable[..., Result]
NOT_A_FAULT = {
    "a mail that is decided later": "UPDATE mail.ledger SET due_at = now() + interval '1 hour', fate = NULL",
    "a server that is greylisting": "UPDATE mail.outbox SET fate = NULL, attempts = 1, error = '450 later'",
    "a mail that was given up": "UPDATE mail.outbox SET fate = 'failed', reason = 'dropped'",
    "a watch that is gone": "UPDATE mail.pulse SET kind = 'watch' WHERE kind = 'none'",
    "a mailbox that is no more in the settings": "INSERT INTO mail.mailbox (name, address) VALUES ('old', 'o@x')",
}


@pytest.fixture
def desk(services: Services) -> Services:
    """A desk with which all is well."""
    all_is_well(services)
    return services


@pytest.fixture
def status(fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Status:
    """The command with these words as its options, on the database of the test."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "DATABASE_URL": fresh_database,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "COLUMNS": "200",
    }
    return lambda *words, **further: CliRunner(env=environ | further).invoke(main, ["status", *words])


def kinds(services: Services) -> list[AlarmKind]:
    return [one.kind for one in look_once(services).problems]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_its_end_is_seen(fault: str, desk: Services) -> None:
    kind, begin, end = FAULTS[fault]
    before = kinds(desk)
    execute(desk, begin)
    during = kinds(desk)

    execute(desk, end)

    assert (before, during, kinds(desk)) == ([], [kind], [])


@pytest.mark.parametrize("harmless", NOT_A_FAULT)
def test_what_is_usual_is_no_fault(harmless: str, desk: Services) -> None:
    execute(desk, FAULTS["an undecided mail"][1], FAULTS["an undecided mail"][2])
    execute(desk, FAULTS["a server that takes no mails"][1], FAULTS["a server that takes no mails"][2])

    execute(desk, NOT_A_FAULT[harmless])

    assert kinds(desk) == []


def test_nobody_is_told_besides_of_what_follows_from_another_fault(desk: Services) -> None:
    execute(desk, "DELETE FROM mail.pulse", FAULTS["a mailbox that is not read"][1], FAULTS["an undecided mail"][1])

    told = [one.kind for one in look_once(desk).problems if not one.follows]

    assert told == [AlarmKind.NO_WORKER, AlarmKind.NO_WORKER, AlarmKind.NO_BEAT]
    assert len(kinds(desk)) == 5


def test_a_desk_that_is_fine_is_shown_on_one_screen(desk: Services, status: Status) -> None:
    done = status()

    assert (done.exit_code, done.output.splitlines()[0]) == (0, "The desk is fine.")
    assert {"worker", "desk, wire", "support"} <= set(map(str.strip, done.output.replace("  ", "\n").splitlines()))
    assert len(done.output.splitlines()) < 24


def test_what_is_wrong_comes_first_with_what_to_type(desk: Services, status: Status) -> None:
    execute(desk, FAULTS["a login that was refused"][1])

    done = status()

    words = " ".join(done.output.split())
    assert done.exit_code == 1
    assert words.startswith("1 to look at: The server of mailbox support refuses us.")
    assert "supportdesk poll support" in words


def test_scripts_get_one_object(desk: Services, status: Status) -> None:
    execute(desk, FAULTS["a clock that is wrong"][1])

    done = status("--json")

    seen: dict[str, Any] = json.loads(done.output)
    assert (done.exit_code, seen["fine"], seen["findings"][0]["kind"]) == (1, False, "clock")
    assert seen["processes"][0]["clock_off"] == -3600
    assert seen["mailboxes"][0]["name"] == "support"


def test_without_a_database_nobody_can_tell(status: Status) -> None:
    done = status(DATABASE_URL="postgresql://x@127.0.0.1:1/x")

    assert (done.exit_code, "cannot be reached" in done.output) == (2, True)


def test_it_looks_again_until_it_is_told_to_end(
    desk: Services, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def wait(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("worker.cli.commands.status.time.sleep", wait)

    done = status("--watch")

    assert (done.exit_code, len(looks), done.output.count("The desk is fine.")) == (0, 2, 2)


def test_nothing_that_a_server_said_controls_the_terminal(desk: Services, status: Status) -> None:
    execute(desk, "UPDATE mail.mailbox SET refused_times = 1, trouble = E'\\x1b[31mno\\x1b[2J'")

    assert "\x1b" not in status().output
