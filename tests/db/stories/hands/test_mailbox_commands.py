"""`supportdesk mailbox list | pause | resume | check`: a paused mailbox is read by no process, and all say so."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from desk.reports.health.facts import AlarmKind
from mail.imap.mailbox import open_mailbox
from mail.server import Server
from seed.stack.mailhost.server import MailServer
from tests.support.database.pulses import FAULTS, all_is_well
from tests.support.database.services import (
    ADMIN,
    EXAMPLE,
    SECRET,
    MakeServices,
    a_raw_mail,
    execute,
    mailbox_of,
    query,
)
from tests.support.servers.tcp_relay import wait_until
from tests.support.values.replies import mails_to
from worker.admin.doctor.run import mailboxes
from worker.announce.run import announce_due
from worker.cli.main import main
from worker.poll.pauses import Pauses
from worker.poll.reconcile import reconcile_mailbox
from worker.poll.run import poll_mailbox
from worker.poll.watch import Stop, end_watching, watch_mailbox
from worker.runtime.health.look import look_once
from worker.runtime.health.watchman import watch_over
from worker.runtime.services import Services

Run = Callable[..., Result]
STATE = "SELECT paused_at, resumes_at, polled_at FROM mail.mailbox"
ENDS = ("paused_at", "resumes_at")
OVER = "UPDATE mail.mailbox SET resumes_at = now()"


@pytest.fixture
def services(make_services: MakeServices, server: Server) -> Services:
    """A desk with an admin and a mailbox in which a mail lies."""
    with open_mailbox(server) as mailbox:
        mailbox.append("INBOX", a_raw_mail())
    return make_services(ADMIN, **mailbox_of(server), FROM_START="true")


@pytest.fixture
def run(
    fresh_database: str, server: Server, mail_server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """The program with these words as its arguments, and with the settings of that desk."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "DATABASE_URL": fresh_database,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": server.password,
        "SUPPORTDESK_SMTP__PORT": str(mail_server.smtp_port),
        "COLUMNS": "300",
    } | {f"SUPPORTDESK_MAILBOX__SUPPORT__{name}": str(value) for name, value in mailbox_of(server).items()}
    return lambda *words, **further: CliRunner(env=environ | further).invoke(main, [str(word) for word in words])


def test_a_paused_mailbox_is_polled_by_nobody_until_it_is_resumed(services: Services, run: Run) -> None:
    paused = run("mailbox", "pause", "support")

    polled, asked, compared = (
        poll_mailbox(services, "support"),
        run("poll", "support"),
        reconcile_mailbox(services, "support"),
    )

    why = "an operator paused it, and `supportdesk mailbox resume` ends that"
    assert paused.output == "Mailbox support is paused until `supportdesk mailbox resume support`.\n"
    assert (polled.stored, polled.trouble, compared.trouble) == (0, why, why)
    assert (asked.exit_code, why in asked.output) == (2, True)
    assert query(services, STATE)[0]["polled_at"] is None
    assert run("mailbox", "resume", "support").output == "Mailbox support is read again.\n"
    assert poll_mailbox(services, "support").stored == 1


def test_a_pause_ends_by_itself_and_may_be_given_another_end(services: Services, run: Run) -> None:
    first = run("mailbox", "pause", "support", "--until", "2099-12-24")
    (before,) = query(services, STATE)
    again = run("mailbox", "pause", "support", "--until", "2099-12-25 08:30")
    (after,) = query(services, STATE)
    trouble = poll_mailbox(services, "support").trouble
    execute(services, OVER)

    assert first.output == "Mailbox support is paused until 2099-12-24 00:00 UTC.\n"
    assert again.output == "Mailbox support is paused until 2099-12-25 08:30 UTC.\n"
    assert before["paused_at"] == after["paused_at"]
    assert "an operator paused it until 2099-12-25 08:30 UTC" in (trouble or "")
    assert poll_mailbox(services, "support").stored == 1
    assert "is not paused" in run("mailbox", "resume", "support").output
    assert [json.loads(run("mailbox", "list", "--json").output)[0][name] for name in ENDS] == [None, None]
    run("mailbox", "pause", "support")
    assert query(services, STATE)[0]["paused_at"] > before["paused_at"]


def test_a_watch_leaves_the_server_and_comes_back(
    services: Services, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "worker.poll")
    monkeypatch.setattr("worker.poll.watch.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("worker.poll.watch.FIRST_PAUSE", 0.05)
    rings: list[str] = []
    stop, pauses = Stop(), Pauses(services.engine, ["support"])
    pauses.look()
    watching = (services, services.mailbox("support"), stop, lambda *words: rings.append(words[0]), 0.0)
    thread = Thread(target=watch_mailbox, args=(*watching, pauses.of["support"]), daemon=True)

    thread.start()
    assert wait_until(lambda: len(rings) == 1, 5)
    run("mailbox", "pause", "support")
    pauses.look()
    pauses.look()
    assert wait_until(lambda: "Mailbox support is paused by an operator, and not watched" in caplog.text, 5)
    assert len(rings) == 1
    run("mailbox", "resume", "support")
    pauses.look()

    assert wait_until(lambda: len(rings) == 2, 5)
    end_watching(stop, [thread])
    assert not thread.is_alive()


def test_where_the_database_is_away_a_watch_keeps_to_what_it_saw_last(services: Services, run: Run) -> None:
    pauses = Pauses(services.engine, ["support", "other"])
    run("mailbox", "pause", "support")
    pauses.look()
    execute(services, "ALTER TABLE mail.mailbox RENAME TO away")

    pauses.look()
    execute(services, "ALTER TABLE mail.away RENAME TO mailbox")

    assert [pause.is_on for pause in pauses.of.values()] == [True, False]


def test_status_doctor_and_watchman_say_it_and_raise_no_alarm(services: Services, run: Run) -> None:
    all_is_well(services)
    kind, silent, _ = FAULTS["a mailbox that is not read"]
    execute(services, silent)
    assert [one.kind for one in look_once(services).problems] == [kind] == [AlarmKind.MAILBOX_SILENT]
    watch_over(services)

    run("mailbox", "pause", "support")
    watched, status, as_json = run("watchman", "--once"), run("status"), run("status", "--json")
    execute(services, "UPDATE mail.event SET due_at = now() WHERE fate IS NULL AND kind = 'alert'")
    announce_due(services)

    words = "An operator has paused mailbox support since "
    assert (watched.exit_code, status.exit_code) == (0, 0), (watched.output, status.output)
    assert words in watched.output
    assert "paused since" in status.output
    assert json.loads(as_json.output)["mailboxes"][0]["paused_at"] is not None
    assert [finding.found.startswith(words) for finding in mailboxes(services)] == [True]
    told = mails_to(services, ADMIN[0])[-1]
    assert "Paused: Mailbox support is not read" in told["subject"]
    assert "an operator paused the mailbox" in told["text"]
    assert "`supportdesk mailbox resume support`" in told["text"]


def test_after_a_long_pause_there_is_no_alarm_before_it_could_be_read(services: Services, run: Run) -> None:
    all_is_well(services)
    run("mailbox", "pause", "support")
    execute(services, "UPDATE mail.mailbox SET polled_at = now() - interval '3 days'")

    run("mailbox", "resume", "support")

    assert look_once(services).problems == ()
    execute(services, "UPDATE mail.mailbox SET resumes_at = now() - interval '16 minutes'")
    assert [one.kind for one in look_once(services).problems] == [AlarmKind.MAILBOX_SILENT]


def test_all_mailboxes_are_listed_with_what_hinders_them(services: Services, run: Run, server: Server) -> None:
    poll_mailbox(services, "support")
    gone = (
        "INSERT INTO mail.mailbox (name, address, refused_times, stuck_uid) VALUES ('old', 'old@desk.example', 3, 17)"
    )
    execute(services, gone)
    run("mailbox", "pause", "support", "--until", "2099-12-24")

    page, (old, support) = run("mailbox", "list").output, json.loads(run("mailbox", "list", "--json").output)

    assert "old@desk.example" in page
    assert "not in the settings  its server refused us 3 times; stuck at the mail with UID 17" in page
    assert "until 2099-12-24 00:00 UTC" in page
    assert (support["folders"], support["server"]) == (["INBOX"], f"{server.host}:{server.port}")
    assert support["read_at"] is not None
    assert (old["folders"], old["server"], old["stuck_uid"], old["paused_at"]) == ([], None, 17, None)
    assert run("mailbox", "list", SUPPORTDESK_CONFIG="").exit_code == 0


def test_each_is_listed_with_its_own_folders_and_without_files_that_were_brought_along(
    services: Services, run: Run
) -> None:
    places = {"support": ["Archive", "INBOX", "Spam"], "two": ["INBOX", "Invoices"]}
    for name, folders in places.items():
        known = "INSERT INTO mail.mailbox (name, address) VALUES (:name, '') ON CONFLICT DO NOTHING"
        execute(services, known, name=name)
        for uid, folder in enumerate([*folders, *folders, "import:old.mbox"]):
            execute(
                services,
                """INSERT INTO mail.ledger (mailbox_id, folder, uidvalidity, uid, size, fingerprint)
                SELECT id, :folder, 1, :uid, 1, '' FROM mail.mailbox WHERE name = :name""",
                name=name, folder=folder, uid=uid,
            )  # fmt: skip

    listed = json.loads(run("mailbox", "list", "--json").output)

    assert {one["name"]: one["folders"] for one in listed} == places


def test_a_mailbox_is_tried_with_its_folders_and_its_newest_mail(services: Services, run: Run) -> None:
    unread = run("mailbox", "check", "support")
    poll_mailbox(services, "support")
    run("mailbox", "pause", "support")
    read = run("mailbox", "check", "support", "--json")

    found = {one["part"]: one["found"] for one in map(json.loads, read.output.splitlines())}
    assert (unread.exit_code, read.exit_code) == (0, 0), unread.output
    assert "; the desk has not read it yet." in unread.output
    assert re.fullmatch(r"Its newest mail has UID (\d+); the desk has taken all up to UID \1\.", found["folder INBOX"])
    assert "INBOX" in found["folders"]
    assert "IDLE" in found["capabilities"]
    assert found["SMTP"].endswith(" lets us in.")
    assert found["pause"].startswith("An operator has paused mailbox support since ")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "wrong"}, "Mailbox support cannot be read: the login of "),
        ({"SUPPORTDESK_MAILBOX__SUPPORT__FOLDER": "None"}, "Mailbox support cannot be read: folder 'None'"),
        ({"SUPPORTDESK_MAILBOX__SUPPORT__PORT": "1"}, "See whether host, port and security of mailbox support are"),
        ({"SUPPORTDESK_SMTP__PORT": "1"}, "Mail cannot be sent: "),
    ],
)
def test_what_is_wrong_with_it_is_said(services: Services, run: Run, setting: dict[str, str], words: str) -> None:
    result = run("mailbox", "check", "support", **setting)

    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pause", "sales"), "There is no mailbox sales; there are: support. Nothing was changed."),
        (("resume", "sales"), "There is no mailbox sales; there are: support. Nothing was changed."),
        (("check", "sales"), "There is no mailbox sales; the settings name support."),
        (("pause", "support", "--until", "2001-01-01"), "2001-01-01 00:00 UTC is over. Nothing was changed."),
        (("pause", "support", "--until", "tomorrow"), "tomorrow is no time. Write it as 2026-12-24 or"),
    ],
)
def test_what_cannot_be_done_is_said(services: Services, run: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run("mailbox", *words)

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert [row for row in query(services, STATE) if row["paused_at"]] == []


def test_without_settings_a_mailbox_of_the_database_can_be_paused(services: Services, run: Run) -> None:
    poll_mailbox(services, "support")

    result = run("mailbox", "pause", "support", SUPPORTDESK_CONFIG="")

    assert result.exit_code == 0, result.output
    assert query(services, STATE)[0]["paused_at"] is not None
