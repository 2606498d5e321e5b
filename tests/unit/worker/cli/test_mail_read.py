"""`supportdesk mail read` shows how files are understood, and no file stops it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from worker.cli.main import main

KEYS = (
    "file message_id in_reply_to references from to cc subject date text reply signature removed html confidence "
    "attachments kind automatic_reason signs bounce forward repairs"
).split()
MAIL = b"""\
From: Ann <ann@x.example>
To: support@desk.example
Subject: Printer
Message-ID: <1@x.example>
Date: Mon, 02 Nov 2026 09:30:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b

It is broken.

Kind regards,
Ann

On Mon, Nov 2, 2026 at 9:12 AM Desk <support@desk.example> wrote:
> How can we help?
--b
Content-Type: image/png
Content-Disposition: inline; filename=a.png

x
--b--
"""
BOUNCE = b"""\
From: MAILER-DAEMON@x.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I am sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; x.example

Final-Recipient: rfc822; bob@x.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <ours@desk.example>
--b--
"""
FORWARD = b"""\
FYI

---------- Forwarded message ---------
From: Bob <bob@x.example>
Date: Mon, 2 Nov 2026 09:12
Subject: Old
To: Ann <ann@x.example>

old words
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["mail", "read", *arguments])


def read(folder: Path, raw: bytes, *options: str) -> dict[str, Any]:
    """What `--json` says of one file."""
    file = folder / "mail.eml"
    file.write_bytes(raw)
    said: dict[str, Any] = json.loads(run(str(file), "--json", *options).stdout)
    return said


@pytest.mark.parametrize(("raw", "option"), [(MAIL, ()), (BOUNCE, ()), (b"\xff\x00", ()), (b"text", ("--text",))])
def test_every_file_is_one_object_with_the_same_keys(tmp_path: Path, raw: bytes, option: tuple[str, ...]) -> None:
    said = read(tmp_path, raw, *option)

    assert list(said) == KEYS


def test_a_mail_is_told_with_its_parts(tmp_path: Path) -> None:
    said = read(tmp_path, MAIL)

    assert said["from"] == {"name": "Ann", "address": "ann@x.example"}
    assert (said["kind"], said["message_id"], said["date"]) == ("person", "1@x.example", "2026-11-02T09:30:00+00:00")
    assert (said["reply"], said["signature"]) == ("It is broken.", "Kind regards,\nAnn")
    assert said["removed"].endswith("> How can we help?")
    assert said["attachments"] == [{"filename": "a.png", "content_type": "image/png", "size": 1, "inline": True}]


def test_a_bounce_names_whom_it_did_not_reach(tmp_path: Path) -> None:
    said = read(tmp_path, BOUNCE)

    assert said["kind"] == "bounce"
    assert said["bounce"] == {
        "recipients": ["bob@x.example"],
        "permanent": True,
        "status": "5.1.1",
        "original_message_id": "ours@desk.example",
    }


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (b"Subject: Hello", "person"),
        (b"Auto-Submitted: auto-replied", "automatic"),
        (b"List-Id: <users.x.example>", "list"),
        (b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "receipt"),
    ],
)
def test_a_mail_is_of_one_kind(tmp_path: Path, header: bytes, kind: str) -> None:
    said = read(tmp_path, b"From: a@x.example\n" + header + b"\n\n--b\n\nhello\n--b--\n")

    assert said["kind"] == kind


def test_a_plain_body_has_no_headers(tmp_path: Path) -> None:
    said = read(tmp_path, b"From: is my first word\n\n> and\n", "--text")

    assert (said["from"], said["subject"], said["message_id"]) == (None, "", None)
    assert (said["reply"], said["removed"]) == ("From: is my first word", "> and")


def test_what_a_plain_body_passes_on_is_told(tmp_path: Path) -> None:
    said = read(tmp_path, FORWARD, "--text")

    assert said["forward"] == {
        "from": {"name": "Bob", "address": "bob@x.example"},
        "subject": "Old",
        "text": "old words",
    }


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(MAIL)

    done = run(str(tmp_path / "missing"), str(tmp_path), str(good), *options)

    assert done.exit_code == 2
    assert "Printer" in done.stdout
    assert done.stderr.count("cannot be read") == 2


def test_a_terminal_obeys_no_mail(tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(b"Subject: a\x1b]0;b\x07\n\nred \x1b[31m \xc2\x9b words")

    done = run(str(file))

    assert "words" in done.stdout
    assert not set(done.stdout) & set("\x1b\x07\x9b")


def test_reading_a_mail_loads_no_database_and_no_task_queue(tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(MAIL)
    script = (
        "import sys\nfrom worker.cli.main import main\n"
        f"main(['mail', 'read', {str(file)!r}], standalone_mode=False)\n"
        "print(sorted({'sqlalchemy', 'psycopg', 'celery', 'pydantic', 'jinja2', 'matplotlib'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


RESULTS = b"Authentication-Results: mx.desk.example; dmarc=pass header.from=x.example\n"
TRUST = [
    ((), "trust:    From is a claim; name your mail server with --authserv-id"),
    (("--authserv-id", "mx.desk.example"), "trust:    pass. mx.desk.example says dmarc=pass"),
    (("--authserv-id", "mx.other.example"), "trust:    none. No Authentication-Results of mx.other.example"),
]


@pytest.mark.parametrize(("options", "sentence"), TRUST)
def test_a_person_is_shown_what_their_server_says_of_the_sender(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes(RESULTS + MAIL)

    result = run(*options, str(file))

    assert sentence in result.output


BEHIND_A_STORE = b"Received: from mx by store.provider.example; today\n" + RESULTS
OF_THE_DESK = [
    ((), "none. No Authentication-Results of MX.desk.example"),
    (("--config", "settings/good.toml"), "none. No Authentication-Results of mx.desk.example"),
    (("--config", "own.toml"), "pass. mx.desk.example says dmarc=pass"),
]


@pytest.mark.parametrize(("config", "sentence"), OF_THE_DESK)
def test_with_a_settings_file_our_own_hosts_are_those_of_the_mailbox(
    tmp_path: Path, config: tuple[str, ...], sentence: str
) -> None:
    good = Path(__file__).parents[3] / "settings/good.toml"
    own = tmp_path / "own.toml"
    pinned = 'authserv_id = "mx.desk.example"'
    text = good.read_text(encoding="utf-8")
    own.write_text(text.replace(pinned, f'{pinned}\nown_hosts = ["provider.example"]', 1), encoding="utf-8")
    files = {"settings/good.toml": str(good), "own.toml": str(own)}
    mail = tmp_path / "mail.eml"
    mail.write_bytes(BEHIND_A_STORE + MAIL)
    options = [files.get(one, one) for one in config]

    result = CliRunner().invoke(main, [*options, "mail", "read", "--authserv-id", "MX.desk.example", str(mail)])

    assert f"trust:    {sentence}" in result.output


def test_a_settings_file_that_cannot_be_used_is_said_plainly(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(MAIL)
    missing = str(tmp_path / "missing.toml")

    result = CliRunner().invoke(main, ["--config", missing, "mail", "read", "--authserv-id", "x", str(mail)])

    assert result.exit_code == 2
    assert "there is no such file" in result.output


def test_a_person_is_shown_what_ties_the_mail_to_a_ticket(tmp_path: Path) -> None:
    token = "1x." + "a" * 20
    file = tmp_path / "mail.eml"
    file.write_bytes(
        b"From: ann@x.example\nTo: support+" + token.encode() + b"@desk.example\nSubject: Re: [SD-7] Printer\n"
        b"In-Reply-To: <" + token.encode() + b".sd@desk.example>\n\nHello.\n\n> [ref " + token.encode() + b"]\n"
    )

    result = run(str(file))

    for sentence in ("a signed reply address", "a signed Message-ID", "a signed reference", "1 Message-IDs", "SD-7"):
        assert sentence in result.output
