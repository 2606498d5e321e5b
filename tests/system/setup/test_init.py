"""`supportdesk init` on real servers: each login is tried as it is answered, and the settings are written whole."""

import os
import stat
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mail.server import Security, Server
from seed.stack.servers import Stack
from tests.support.servers.mailboxes import uids
from worker.cli.commands import init
from worker.cli.main import main
from worker.cli.setup import own_mail
from worker.cli.setup.answers import Recognition
from worker.settings.load import load_settings

BOXES = count(1)
SECRETS = ["broker_url", "database_url", "secret_key"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and no variable that answers anything."""
    monkeypatch.chdir(tmp_path)
    for variable in ("DATABASE_URL", "REDIS_URL", "SUPPORTDESK_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    for name, seconds in (("PAUSE", 0.05), ("SECOND_SECONDS", 0.5)):
        monkeypatch.setattr(own_mail, name, seconds)
    return tmp_path


@pytest.fixture
def address() -> str:
    return f"first{next(BOXES)}@desk.example"


@pytest.fixture
def options(stack: Stack, address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every answer, and each right."""
    assert stack.mail
    password = tmp_path_factory.mktemp("answers") / "password"
    password.write_text(f"{stack.mail.password}\n", encoding="utf-8")
    return {
        "--address": address,
        "--imap-host": stack.mail.host,
        "--imap-port": str(stack.mail.imap_port),
        "--imap-security": "plain",
        "--smtp-host": stack.mail.host,
        "--smtp-port": str(stack.mail.smtp_port),
        "--smtp-security": "plain",
        "--password-file": str(password),
        "--database-url": stack.database_url,
        "--broker-url": stack.redis_url,
    }


def run(options: dict[str, str], *flags: str, typed: str = "") -> Result:
    words = [word for option in options.items() for word in option]
    return CliRunner().invoke(main, ["init", *words, *flags], input=typed)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "has_terminal", lambda: True)


def left(folder: Path) -> list[str]:
    """Every file below the folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_all_answers_as_options_make_settings_that_a_start_takes(
    folder: Path, options: dict[str, str], address: str, stack: Stack
) -> None:
    result = run(options, "--yes", "--plus-addressing")

    settings = load_settings(folder / "supportdesk.toml", {})
    assert (result.exit_code, result.stderr) == (0, "")
    assert (settings.desk.address, settings.mailbox[0].user, settings.trust.staff) == (address, address, "token")
    assert settings.database.url.get_secret_value() == stack.database_url
    assert result.output.splitlines()[-2:] == [
        "  supportdesk db upgrade",
        '  supportdesk user staff add you@desk.example --role admin --name "You"',
    ]


def test_secrets_lie_in_files_for_their_owner_alone_and_in_no_other(
    folder: Path, options: dict[str, str], address: str, stack: Stack
) -> None:
    run(options, "--yes", "--plus-addressing")

    files = sorted((folder / "secrets").iterdir())
    text = (folder / "supportdesk.toml").read_text(encoding="utf-8")
    assert [file.name for file in files] == sorted([*SECRETS, f"{address.partition('@')[0]}_password"])
    assert {stat.S_IMODE(file.stat().st_mode) for file in (*files, folder / "supportdesk.toml")} == {0o600}
    assert not [file.name for file in files if file.read_text(encoding="utf-8").strip() in text]


def test_the_written_settings_are_fine_for_config_check(options: dict[str, str]) -> None:
    run(options, "--yes", "--plus-addressing")

    checked = CliRunner().invoke(main, ["config", "check"])

    assert (checked.exit_code, checked.output) == (0, "supportdesk.toml: fine\n")


@pytest.mark.parametrize(("local", "arrives", "mails"), [("support", "yes", 2), ("first", "no", 1)])
def test_mails_to_itself_show_whether_plus_addresses_arrive(
    options: dict[str, str], stack: Stack, local: str, arrives: str, mails: int
) -> None:
    assert stack.mail
    box = f"{local}@desk.example"
    server = Server(stack.mail.host, stack.mail.imap_port, Security.PLAIN, box, stack.mail.password)
    before = len(uids(server))

    result = run(options | {"--address": box}, "--yes", "--try-mail")

    assert f"Plus addresses arrive: {arrives}." in result.output
    assert "The server that checks senders: none." in result.output
    assert (result.exit_code, len(uids(server)) - before) == (0 if arrives == "yes" else 2, mails)


# What stands above a mail to itself, and what is taken from it.
TOP = b"Authentication-Results: %s; spf=pass\r\n"
HOP = b"Received: from a.example by %s with ESMTPS; Mon, 30 Nov 2026 08:00:00 +0000\r\n"
HEADS = [
    (b"", Recognition(True)),
    (TOP % b"mx.desk.example", Recognition(True, "mx.desk.example")),
    (HOP % b"store.desk.example" + TOP % b"mx.desk.example", Recognition(True, "mx.desk.example")),
    (HOP % b"in.host.example" + TOP % b"mx.host.example", Recognition(True, "mx.host.example", ("in.host.example",))),
    (HOP % b"mx.host.example" + TOP % b"mx.host.example", Recognition(True, "mx.host.example")),
    (HOP % b"x.prod.outlook.com" + b"Authentication-Results: spf=pass smtp.mailfrom=desk.example\r\n",
     Recognition(True, None, ("outlook.com",), nameless=True)),
    (b"Authentication-Results: spf=pass smtp.mailfrom=desk.example\r\n", Recognition(True)),
]  # fmt: skip


@pytest.mark.parametrize(("head", "trust"), HEADS)
def test_the_topmost_results_of_a_mail_to_itself_name_the_server(head: bytes, trust: Recognition) -> None:
    found = own_mail.trust_shown_by(
        head + b"From: a@desk.example\r\n\r\nText\r\n", "a@desk.example", plus_addressing=True
    )

    assert found == trust


# An answer, what takes its place, and the beginning of the sentence that follows.
WRONG = [
    ("--address", "nobody", "nobody is no mail address."),
    ("--imap-port", "1", "The mailbox cannot be read: 127.0.0.1:1 cannot be reached over IMAP: Connection refused."),
    ("--smtp-port", "1", "Mail cannot be sent: 127.0.0.1:1 cannot be reached over SMTP: Connection refused."),
    ("--database-url", "postgresql://u:hush@127.0.0.1:1/d", "The database at 127.0.0.1:1 cannot be used: "),
    ("--database-url", "mysql://u:hush@127.0.0.1/d", "The database's URL begins with mysql://"),
    ("--database-url", "here", "That is no URL of a database"),
    ("--database-url", "postgresql://h:x/d", "The database's URL cannot be read: its port must be a number."),
    ("--broker-url", "redis://:hush@127.0.0.1:1/0", "The broker cannot be reached: "),
    ("--broker-url", "here", "That is no URL of a broker"),
    ("--password-file", "gone", "gone cannot be read: No such file or directory."),
]


@pytest.mark.parametrize(("option", "value", "sentence"), WRONG)
def test_a_wrong_answer_of_a_script_is_one_sentence_and_nothing_is_written(
    folder: Path, options: dict[str, str], option: str, value: str, sentence: str
) -> None:
    result = run(options | {option: value}, "--yes", "--plus-addressing")

    said = result.stderr.splitlines()
    assert (result.exit_code, said[-1], len(said)) == (2, "Nothing was written.", 2)
    assert said[0].startswith(sentence)
    assert "hush" not in result.output
    assert left(folder) == []


def test_a_wrong_password_is_told_in_the_words_of_the_server(folder: Path, options: dict[str, str]) -> None:
    wrong = Path(options["--password-file"]).with_name("wrong")
    wrong.write_text("wrong", encoding="utf-8")

    said = run(options | {"--password-file": str(wrong)}, "--yes", "--plus-addressing").stderr

    assert said.startswith("The mailbox cannot be read: the login of ")
    assert "b'" not in said
    assert left(folder) == []


def test_what_is_not_given_is_named(folder: Path, options: dict[str, str]) -> None:
    del options["--address"]

    result = run(options, "--yes")

    assert (result.exit_code, "--address is not given" in result.stderr, left(folder)) == (2, True, [])


def test_without_a_terminal_nobody_is_asked(folder: Path) -> None:
    result = run({})

    assert (result.exit_code, result.stderr, left(folder)) == (2, f"{init.NO_TERMINAL}\n", [])


def test_where_nobody_could_be_known_nothing_is_written(folder: Path, options: dict[str, str]) -> None:
    result = run(options, "--yes", "--no-plus-addressing")

    assert (result.exit_code, "could be known" in result.stderr, left(folder)) == (2, True, [])


def test_a_pinned_server_makes_both_proofs_the_rule(folder: Path, options: dict[str, str]) -> None:
    run(options, "--yes", "--no-plus-addressing", "--authserv-id", "mx.desk.example")

    settings = load_settings(folder / "supportdesk.toml", {})
    assert (settings.mailbox[0].authserv_id, settings.trust.staff) == ("mx.desk.example", "both")


@pytest.mark.usefixtures("at_a_terminal")
def test_what_is_wrong_is_said_and_asked_again(folder: Path, options: dict[str, str], stack: Stack) -> None:
    assert stack.mail
    Path("wrong").write_text("wrong", encoding="utf-8")
    given = options | {"--password-file": "wrong", "--database-url": "here", "--name": "Desk"}
    # The server, its user and the password again; then the user of SMTP, the URL, no mail, and plus addresses.
    imap = [stack.mail.host, "plain", str(stack.mail.imap_port), "", stack.mail.password]
    typed = ["dovecot", *imap, "", stack.database_url, "n", "y"]

    result = run(given, typed="\n".join(typed) + "\n")

    assert (result.exit_code, "the login of" in result.output, "That is no URL" in result.output) == (0, True, True)
    assert load_settings(folder / "supportdesk.toml", {}).database.url.get_secret_value() == stack.database_url


@pytest.mark.usefixtures("at_a_terminal")
def test_ctrl_c_while_it_asks_is_one_sentence_and_nothing_is_written(folder: Path, options: dict[str, str]) -> None:
    del options["--address"]

    result = run(options, typed="Desk\n")

    assert (result.exit_code, result.stderr.strip().splitlines()[-1]) == (
        130,
        "Stopped by Ctrl-C. Nothing was written.",
    )
    assert left(folder) == []


def test_a_file_that_is_there_is_replaced_only_where_that_is_said(folder: Path, options: dict[str, str]) -> None:
    (folder / "supportdesk.toml").write_text("mine", encoding="utf-8")

    refused = run(options, "--yes", "--plus-addressing")
    kept = (folder / "supportdesk.toml").read_text(encoding="utf-8")
    replaced = run(options, "--yes", "--plus-addressing", "--overwrite")

    assert (refused.exit_code, kept, replaced.exit_code) == (2, "mine", 0)
    assert load_settings(folder / "supportdesk.toml", {}).desk.name == "SupportDesk"


def test_the_secret_key_that_is_there_stays(folder: Path, options: dict[str, str]) -> None:
    run(options, "--yes", "--plus-addressing")
    key = (folder / "secrets/secret_key").read_text(encoding="utf-8")

    again = run(options, "--yes", "--plus-addressing", "--overwrite")

    assert (again.exit_code, (folder / "secrets/secret_key").read_text(encoding="utf-8")) == (0, key)


@pytest.mark.parametrize(("failure", "status"), [(OSError(28, "No space left"), 2), (KeyboardInterrupt(), 130)])
def test_what_breaks_while_it_writes_leaves_nothing_half_done(
    folder: Path, options: dict[str, str], monkeypatch: pytest.MonkeyPatch, failure: BaseException, status: int
) -> None:
    def full(_handle: int) -> None:
        if len(left(folder)) > 2:
            raise failure

    monkeypatch.setattr(os, "fsync", full)

    result = run(options, "--yes", "--plus-addressing")

    assert (result.exit_code, result.stderr.splitlines()[-1].endswith("Nothing was written.")) == (status, True)
    assert left(folder) == []
