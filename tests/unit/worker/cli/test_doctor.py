"""What the heads of mails show of the pinned server's results, and what the doctor says of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from mail.auth.results import Pin
from models.ledger.mails import Head
from worker.admin.doctor import run as doctor
from worker.admin.doctor.finding import Finding
from worker.admin.doctor.mail_findings import Seen, look, pin_finding
from worker.cli.main import main
from worker.settings.servers import MailboxSettings

PIN = Pin("mx.desk.example", ("desk.example",))
OURS = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=x.example\n"
NAMELESS = b"Authentication-Results: dmarc=pass header.from=x.example\n"
GOOGLE = b"Authentication-Results: MX.google.example; spf=none\n"
BROKEN = b"Authentication-Results: mx.desk.example; spf=none (; dmarc=fail header.from=x.example\n"
SPACED = OURS.replace(b":", b" :", 1)
OWN_HOP = b"Received: from out.x.example by store.desk.example; today\n"
OTHERS_HOP = b"Received: from a by relay.x.example; today\n"
BOX = MailboxSettings.model_validate(
    {
        "name": "support",
        "address": "support@desk.example",
        "host": "imap.desk.example",
        "user": "support",
        "password": "secret",
        "authserv_id": "mx.desk.example",
    }
)

LOOKS: list[tuple[tuple[bytes, ...], Seen]] = [
    ((), Seen(0, 0, (), "")),
    ((OURS + OWN_HOP,), Seen(1, 1, (), "mx.desk.example")),
    ((OWN_HOP + OURS + OTHERS_HOP,), Seen(1, 1, (), "mx.desk.example")),
    ((GOOGLE + OURS + OWN_HOP,), Seen(1, 1, (), "mx.google.example")),
    ((OWN_HOP + OTHERS_HOP,), Seen(1, 0, (), "")),
    ((GOOGLE + OWN_HOP, GOOGLE, OWN_HOP), Seen(3, 0, (), "mx.google.example")),
    ((OTHERS_HOP + GOOGLE,), Seen(1, 0, (), "")),
    ((NAMELESS,), Seen(1, 0, (), "")),
    ((OTHERS_HOP + OURS,), Seen(1, 0, ((1, "relay.x.example"),), "")),
    ((OTHERS_HOP + OWN_HOP + OURS,), Seen(1, 0, ((1, "relay.x.example"),), "")),
    ((OURS, OURS + OTHERS_HOP + OURS + OURS), Seen(2, 2, ((2, "relay.x.example"),), "mx.desk.example")),
    ((OURS + b"\nsome text\n" + OTHERS_HOP + OURS,), Seen(1, 1, (), "mx.desk.example")),
    ((b"",), Seen(1, 0, (), "")),
    ((OURS, BROKEN + OWN_HOP), Seen(2, 2, (), "mx.desk.example", (2,))),
    ((OURS + BROKEN,), Seen(1, 1, (), "mx.desk.example")),
    ((SPACED + GOOGLE,), Seen(1, 1, (), "mx.desk.example", (1,))),
    ((OTHERS_HOP + BROKEN,), Seen(1, 0, ((1, "relay.x.example"),), "")),
]


@pytest.mark.parametrize(("heads", "seen"), LOOKS)
def test_results_count_by_whose_servers_stand_above_them(heads: tuple[bytes, ...], seen: Seen) -> None:
    found = look([Head(row, content) for row, content in enumerate(heads, 1)], PIN)

    assert found == seen


def test_a_pin_without_a_name_looks_for_results_without_one() -> None:
    found = look([Head(1, NAMELESS), Head(2, OURS)], Pin("", ("outlook.com",), nameless=True))

    assert (found.mails, found.on_top, found.below) == (2, 1, ())


JUDGED = {
    "no mail came yet": (Seen(0, 0, (), ""), "", ""),
    "one of many has them": (Seen(200, 1, (), "mx.google.example"), "", ""),
    "few mails without them": (Seen(19, 0, (), "mx.google.example"), "", "So far none of the last 19 mails"),
    "many mails without them": (
        Seen(20, 0, (), "mx.google.example"),
        "wrong: none of the last 20 mails of mailbox support carries mx.desk.example on top; the topmost is of mx.go",
        "",
    ),
    "many mails without any": (Seen(20, 0, (), ""), "on top; no other stands there either.", ""),
    "a forged one below": (
        Seen(9, 8, ((7, "relay.x.example"),), "mx.desk.example"),
        "such as mail-7, mx.desk.example stands below a server of others, relay.x.example: the server lets forged",
        "",
    ),
    "a sender made some unreadable": (
        Seen(200, 199, (), "mx.desk.example", (7, 9)),
        "",
        "In 2 of 200 mails of mailbox support, such as mail-7, the results of mx.desk.example cannot be read, so these",
    ),
    "our server writes what cannot be read": (
        Seen(20, 20, (), "mx.desk.example", tuple(range(11))),
        "count as refuted. The server probably writes a form that we do not know.",
        "",
    ),
    "dated": (
        Seen(9, 8, ((7, "relay.x.example"),), "mx.desk.example", last_at=datetime(2026, 11, 28, tzinfo=UTC)),
        "such as mail-7 of 2026-11-28, mx.desk.example stands below",
        "",
    ),
    "only below": (
        Seen(9, 0, ((7, "store.provider.example"),), ""),
        'and never on top: if that server is yours, say own_hosts = ["store.provider.example"]; if not',
        "",
    ),
}


@pytest.mark.parametrize("case", JUDGED)
def test_the_doctor_says_what_the_mails_show(case: str) -> None:
    seen, trouble, advice = JUDGED[case]

    found = pin_finding(BOX, seen)

    assert trouble in found.trouble
    assert advice in found.advice
    assert (bool(found.trouble), bool(found.advice)) == (bool(trouble), bool(advice))


def test_what_a_stranger_wrote_is_shown_in_part_only() -> None:
    found = pin_finding(BOX, Seen(20, 0, (), "x" * 4000))

    assert len(found.trouble) < 300


SAID: list[tuple[Finding, int, str]] = [
    (Finding("broker"), 0, "broker: fine\n"),
    (Finding("mail", found="It arrived."), 0, "mail: It arrived.\n"),
    (Finding("trust", advice="Be careful."), 0, "trust: advice: Be careful.\n"),
    (Finding("database", "It is away.", blind=True), 2, "It is away.\n"),
    (Finding("pin", "The pin is \x1b[31m wrong."), 1, "The pin is \N{REPLACEMENT CHARACTER}[31m wrong.\n"),
]


@pytest.mark.parametrize(("finding", "status", "line"), SAID)
def test_trouble_is_an_error_and_advice_is_none(
    finding: Finding, status: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_doctor(finding, monkeypatch)

    assert (done.exit_code, done.output) == (status, line)


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Finding("broker"), '{"part": "broker", "trouble": null, "advice": null, "found": null}\n'),
        (Finding("mail", found="Here."), '{"part": "mail", "trouble": null, "advice": null, "found": "Here."}\n'),
        (Finding("pin", "Wrong."), '{"part": "pin", "trouble": "Wrong.", "advice": null, "found": null}\n'),
        (Finding("keys", advice="Mind."), '{"part": "keys", "trouble": null, "advice": "Mind.", "found": null}\n'),
    ],
)
def test_scripts_get_one_object_for_each_part(finding: Finding, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_doctor(finding, monkeypatch, "--json")

    assert done.output == line


def run_doctor(finding: Finding, monkeypatch: pytest.MonkeyPatch, *options: str) -> Any:
    """Run the command where this is all there is to find."""
    monkeypatch.setattr(doctor, "look_over", lambda _: iter([finding]))
    needed = {
        "DATABASE_URL": "postgresql://x@127.0.0.1:1/x",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_DESK__SECRET_KEY": "a secret of the tests, 32 bytes long",
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }
    return CliRunner().invoke(main, ["doctor", *options], env=needed)
