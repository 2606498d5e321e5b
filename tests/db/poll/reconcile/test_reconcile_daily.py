"""Reconciliation by itself once a day, with word to the admins, and by command."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from desk.ticket import Role
from mail.outbound.sentence_json import from_json
from mail.server import Server
from tests.support.database.reconciliation import delete_from_ledger, our_uids, uids_and_fates
from tests.support.database.services import SECRET, make_staff, query
from tests.support.values.words import english
from worker.announce.run import announce_due
from worker.cli.main import main
from worker.poll.reconcile_daily import reconcile_daily
from worker.runtime.services import Services


def test_the_daily_run_repairs_and_tells_the_admins_once(services: Services, server: Server) -> None:
    delete_from_ledger(services, our_uids(server)[2])
    rung: list[int] = []

    told = [reconcile_daily(services, after_chunk=lambda: rung.append(len(uids_and_fates(services)))) for _ in range(2)]
    delete_from_ledger(services, our_uids(server)[2])
    again = reconcile_daily(services)

    alerts = query(services, "SELECT details FROM mail.event WHERE kind = 'alert'")
    assert (told, again, rung) == ([True, False], False, [3])
    assert len(alerts) == 1
    told_of = english(from_json(alerts[0]["details"]["alert"]["sentence"]))
    assert "is on the server and not in the ledger. It was repaired." in told_of


def test_the_alert_reaches_the_admins_as_a_mail(services: Services, server: Server) -> None:
    make_staff(services, "ada@desk.example", Role.ADMIN)
    delete_from_ledger(services, our_uids(server)[2])
    reconcile_daily(services)

    announce_due(services)

    mails = query(services, "SELECT recipient, subject FROM mail.outbox WHERE template = 'alert'")
    assert [mail["recipient"] for mail in mails] == ["ada@desk.example"]
    assert mails[0]["subject"].endswith("reconciliation found 1 gap, 0 left")


def test_the_daily_run_says_nothing_where_nothing_is_missing(services: Services) -> None:
    told = reconcile_daily(services)

    assert not told
    assert query(services, "SELECT 1 FROM mail.event WHERE kind = 'alert'") == []
    assert query(services, "SELECT name, figures FROM mail.report_run") == [
        {"name": "reconcile", "figures": {"gaps": 0, "repaired": 0}}
    ]


@pytest.fixture
def command(services: Services, server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run `supportdesk reconcile` on the database of `services`."""
    place = {"HOST": server.host, "PORT": str(server.port), "USER": server.user, "PASSWORD": server.password}
    for name, value in place.items():
        monkeypatch.setenv(f"SUPPORTDESK_MAILBOX__SUPPORT__{name}", value)
    monkeypatch.setenv("SUPPORTDESK_DESK__SECRET_KEY", SECRET)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("DATABASE_URL", services.settings.database.url.get_secret_value())

    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["reconcile", *words])
        return done.exit_code, done.output

    return call


def test_the_command_names_gaps_and_ends_with_status_2_until_they_are_filled(
    command: Callable[..., tuple[int, str]], services: Services, server: Server
) -> None:
    lost = our_uids(server)[2]
    delete_from_ledger(services, lost)

    said = [command(), command("support", "--repair"), command()]

    sentence = f"UID {lost} of support (INBOX) is on the server and not in the ledger."
    counts = "3 mails on the server, 0 no longer there."
    assert said == [
        (2, f"{sentence}\nsupport: 1 gap, 1 left; {counts}\n"),
        (0, f"{sentence} It was repaired.\nsupport: 1 gap, 0 left; {counts}\n"),
        (0, f"support: no gaps; {counts}\n"),
    ]


def test_the_command_says_the_same_for_scripts(
    command: Callable[..., tuple[int, str]], services: Services, server: Server
) -> None:
    lost = our_uids(server)[2]
    delete_from_ledger(services, lost)

    status, said = command("--json")

    gap = json.loads(said)["mailboxes"][0]["gaps"][0]
    assert (status, gap["lack"], gap["uid"], gap["repaired"]) == (2, "missing", lost, False)


def test_a_mailbox_that_the_settings_lack_is_said_so(command: Callable[..., tuple[int, str]]) -> None:
    status, said = command("nowhere")

    assert (status, said) == (2, "There is no mailbox nowhere; the settings name support.\n")
