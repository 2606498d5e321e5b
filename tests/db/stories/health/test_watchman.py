"""The watchman tells the admins once of each trouble, and once that it is over; the program is run where mail fails."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from desk.reports.health.facts import AlarmKind
from desk.reports.health.findings import MAIL_IS_BROKEN
from models.reports.health.alarms import take_turn
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.services import ADMIN, AGENT, EXAMPLE, SECRET, MakeServices, Supportdesk, execute, query
from tests.support.servers.tcp_relay import wait_until
from tests.support.values.replies import mails_to
from worker.announce.run import announce_due
from worker.runtime.health.page import page
from worker.runtime.health.watchman import Watched, watch_over
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

ADA = ADMIN[0]
WRITES = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))"


@pytest.fixture
def desk(services: Services) -> Services:
    """A desk with which all is well."""
    all_is_well(services)
    return services


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The file into which the program of the settings writes what it was told."""
    return tmp_path / "told"


@pytest.fixture
def paging(make_services: MakeServices, told: Path) -> Services:
    """The same desk with a program that writes what it is told into a file."""
    words = ", ".join(f'"{word}"' for word in (sys.executable, "-c", WRITES, told, "{text}"))
    services = make_services(ADMIN, AGENT, ALARM__RUN=f"[{words}]")
    all_is_well(services)
    return services


def watch(services: Services, *, again: int = 1) -> list[Watched]:
    return [watch_over(services) for _ in range(again)]


def mails(services: Services) -> list[dict[str, Any]]:
    """What the admin was written since the last time, in the order of writing."""
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL AND kind = 'alert'")
    announce_due(services)
    return [mail for mail in mails_to(services, ADA) if mail["template"] == "alert"]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_alert_and_one_all_clear_and_no_second(fault: str, desk: Services) -> None:
    kind, begin, end = FAULTS[fault]
    quiet = watch(desk, again=2)
    execute(desk, begin)
    lasting = watch(desk, again=3)
    execute(desk, end)

    over = watch(desk, again=2)

    assert [(one.began, one.ended) for one in quiet] == [((), ()), ((), ())]
    assert [[one.kind for one in watched.began] for watched in lasting] == [[kind], [], []]
    assert [[one.kind for one in watched.ended] for watched in over] == [[kind], []]
    assert [row["kind"] for row in query(desk, "SELECT kind FROM mail.event WHERE kind = 'alert'")] == ["alert"] * 2
    assert len(query(desk, "SELECT FROM mail.alarm WHERE ended_at IS NOT NULL")) == 1


def test_a_trouble_that_comes_back_is_told_again(desk: Services) -> None:
    _, begin, end = FAULTS["a login that was refused"]
    told = []
    for statement in (begin, end, begin):
        execute(desk, statement)
        told += [(len(one.began), len(one.ended)) for one in watch(desk)]

    assert told == [(1, 0), (0, 1), (1, 0)]


def test_the_admin_reads_what_is_wrong_what_to_type_and_that_it_is_over(desk: Services) -> None:
    _, begin, end = FAULTS["a login that was refused"]
    for statement in (begin, end):
        execute(desk, statement)
        watch(desk)

    alert, over = mails(desk)

    assert alert["subject"].endswith(": The server of mailbox support refuses us")
    assert "supportdesk poll support" in " ".join(alert["text"].split())
    assert "has a section about it: mailbox_refused." in " ".join(alert["text"].split())
    assert "refused 3 times in a row: the login of support failed." in " ".join(alert["text"].split())
    assert over["subject"].endswith(": All clear: The server of mailbox support refuses us")


def test_it_is_said_in_the_language_of_the_desk(make_services: MakeServices) -> None:
    services = make_services(ADMIN, AGENT, DESK__LANGUAGE="de")
    all_is_well(services)
    for statement in FAULTS["a clock that is wrong"][1:]:
        execute(services, statement)
        watch(services)

    alert, over = mails(services)

    assert "geht falsch" in alert["subject"]
    assert "3600 Sekunden nach" in " ".join(alert["text"].split()).replace(".", "")
    assert ": Entwarnung: Die Uhr von " in over["subject"]


def test_nobody_is_told_of_what_follows_and_what_lasted_before_still_does(desk: Services) -> None:
    execute(desk, FAULTS["an undecided mail"][1])
    before = watch(desk)[0]
    execute(desk, "DELETE FROM mail.pulse")

    after = watch(desk)[0]

    assert [one.kind for one in before.began] == [AlarmKind.UNDECIDED]
    assert {one.kind for one in after.began} == {AlarmKind.NO_WORKER, AlarmKind.NO_BEAT}
    assert after.ended == ()


def test_nobody_is_told_of_what_began_with_that_from_which_it_follows(desk: Services) -> None:
    execute(desk, FAULTS["an undecided mail"][1], "DELETE FROM mail.pulse")

    seen = watch(desk)[0]

    assert {one.kind for one in seen.problems} - {one.kind for one in seen.began} == {AlarmKind.UNDECIDED}


def test_two_watchmen_at_once_give_one_alert_and_one_all_clear(desk: Services) -> None:
    counts = []
    for statement in FAULTS["a login that was refused"][1:]:
        execute(desk, statement)
        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(watch_over, [desk] * 4))
        counts.append((sum(len(one.began) for one in seen), sum(len(one.ended) for one in seen)))

    assert counts == [(1, 0), (0, 1)]


def test_of_two_watchmen_the_second_looks_when_the_first_is_done(desk: Services) -> None:
    waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor(1) as pool:
        with transaction(desk.engine) as first:
            take_turn(first)
            second = pool.submit(watch_over, desk)
            while not (second.done() or query(desk, waits)):
                time.sleep(0.01)
            execute(desk, FAULTS["a login that was refused"][1])
        seen = second.result(timeout=10)

    assert [one.kind for one in seen.began] == [AlarmKind.MAILBOX_REFUSED]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_program_is_run_once_where_mail_is_broken(fault: str, paging: Services, told: Path) -> None:
    kind, begin, end = FAULTS[fault]
    for statement in (begin, end):
        execute(paging, statement)
        watch(paging, again=2)

    lines = told.read_text().splitlines() if told.exists() else []
    if kind not in MAIL_IS_BROKEN:
        assert lines == []
        return
    alarm, over = lines
    assert alarm.startswith("SupportDesk: ")
    assert over.startswith("SupportDesk: All clear: ")


def test_other_troubles_of_the_same_time_are_told_by_the_program_too(paging: Services, told: Path) -> None:
    execute(paging, FAULTS["a login that was refused"][1], FAULTS["no beat"][1])

    watch(paging)

    (line,) = told.read_text().splitlines()
    assert ("No beat" in line, "refuses us" in line) == (True, True)


HANGS = ["sh", "-c", "sleep 60 & sleep 60 # $0", "{text}"]
# It writes down what it started, and hangs with it.
STARTS = "sleep 60 & echo $! > $1; sleep 60"
BAD_PROGRAMS: dict[str, tuple[list[str], str]] = {
    "it hangs": (HANGS, "hung and was ended"),
    "it is not there": (["/nowhere/page-me", "{text}"], "cannot be run: No such file or directory"),
    "it fails": (["sh", "-c", "echo no network >&2; exit 3", "{text}"], "ended with status 3: no network"),
}


@pytest.mark.parametrize("bad", BAD_PROGRAMS)
def test_a_program_that_fails_is_said_in_the_log(bad: str, caplog: pytest.LogCaptureFixture) -> None:
    command, sentence = BAD_PROGRAMS[bad]
    caplog.set_level(logging.ERROR)
    began = time.monotonic()

    done = page(command, "No beat.", 0.3)

    assert (done, time.monotonic() - began < 5) == (False, True)
    assert sentence in caplog.text


def is_running(process: int) -> bool:
    """Whether a process is there; one that has ended and that nobody has asked for is not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("end", [subprocess.TimeoutExpired("page-me", 1), KeyboardInterrupt()])
def test_a_program_ends_with_all_that_it_started(
    end: BaseException, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = subprocess.Popen.wait

    def interrupted(running: subprocess.Popen[bytes], seconds: float | None = None) -> int:
        if seconds is None:
            return wait(running)
        assert wait_until(lambda: told.exists() and told.read_text().endswith("\n"), 20)
        raise end

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)

    with suppress(KeyboardInterrupt):
        page(["sh", "-c", STARTS, "sh", str(told)], "No beat.")

    assert wait_until(lambda: not is_running(int(told.read_text())), 20)


WORDS: dict[str, Callable[[str], str]] = {
    "quotes and dollars": lambda shown: shown,
    "$(touch gone); `id` 'x' \"y\" * & |": lambda shown: shown,
    "two\nlines\x00and\x1b[31m": lambda _: "two lines and [31m",
}


@pytest.mark.parametrize("words", WORDS)
def test_no_shell_reads_the_words(words: str, told: Path) -> None:
    assert page([sys.executable, "-c", WRITES, str(told), "{text}"], words)

    assert told.read_text() == WORDS[words](words) + "\n"


@pytest.fixture
def cron(supportdesk: Supportdesk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """The command as cron runs it, with the settings of the example."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("SUPPORTDESK_DESK__SECRET_KEY", SECRET)
    monkeypatch.setenv("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "demo")
    return lambda: supportdesk("--config", EXAMPLE, "watchman", "--once")


def test_from_cron_it_says_what_it_sees_and_ends_with_1(desk: Services, cron: Callable[[], Any]) -> None:
    fine = cron()
    execute(desk, "DELETE FROM mail.pulse WHERE kind = 'beat'")
    wrong, again = cron(), cron()

    assert (fine.exit_code, fine.output) == (0, "The desk is fine.\n")
    assert (wrong.exit_code, again.exit_code) == (1, 1)
    assert wrong.output.startswith("No beat. No beat sweeps")
    assert ("(told now)" in wrong.output, "(told now)" in again.output) == (True, False)


def test_without_a_database_it_cannot_tell(cron: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_DATABASE__URL", "postgresql://x@127.0.0.1:1/x")

    assert cron().exit_code == 2
