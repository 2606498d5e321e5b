"""What goes wrong in the first hour: one sentence each, no traceback, nothing half done, and no waiting without end."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from worker.admin.doctor import run as doctor
from worker.cli.errors import sentences_of
from worker.cli.installation import Installation
from worker.cli.main import main
from worker.cli.setup import logins
from worker.demo.ground import DemoRefused, prepare_broker
from worker.runtime.services import open_services
from worker.settings.load import ConfigFailure, load_settings

TOP = Path(__file__).parents[4]
EXAMPLE = (TOP / "supportdesk.toml").read_text(encoding="utf-8")
# It ends within a value.
HALF = EXAMPLE[: EXAMPLE.index("localhost", EXAMPLE.index("[[mailbox]]"))]
ENVIRON = {
    "DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/d",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SUPPORTDESK_DESK__SECRET_KEY": "k" * 32,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "hush",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and no variable that answers anything."""
    monkeypatch.chdir(tmp_path)
    for variable in (*ENVIRON, "SUPPORTDESK_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def mute_port() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_that_ends_anywhere_is_read_or_told_in_sentences(folder: Path) -> None:
    file, strange = folder / "supportdesk.toml", []
    raw = EXAMPLE.encode()
    for end in range(0, len(raw), 97):
        file.write_bytes(raw[:end])
        with suppress(ConfigFailure):
            try:
                load_settings(file, ENVIRON)
            except ConfigFailure as failure:
                strange += [message for message in failure.messages if not message.startswith(f"{file}")]
                raise

    assert [message for message in strange if not message.startswith("environment variable ")] == []


# Commands that read the settings, each as somebody may give it first.
COMMANDS = [
    ("config", "check"), ("config", "show"), ("doctor",), ("status",), ("watchman", "--once"), ("poll",), ("watch",),
    ("reconcile",), ("mailbox", "authorize", "support"), ("db", "upgrade"), ("user", "list"), ("outbox", "list"),
    ("template", "list"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_half_written_file_is_one_sentence_in_every_command(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "supportdesk.toml").write_text(HALF, encoding="utf-8")

    result = CliRunner().invoke(main, words)

    assert (result.exit_code, result.stdout) == (2, "")
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("supportdesk.toml: is not TOML: ")


def init(*flags: str) -> Result:
    password = Path("password")
    password.write_text("wrong-hush", encoding="utf-8")
    words = ["--yes", "--address", "a@desk.example", "--plus-addressing", "--password-file", "password"]
    try:
        return CliRunner(env=ENVIRON).invoke(main, ["init", *words, *flags])
    finally:
        password.unlink()


@pytest.mark.parametrize("login", ["try_imap", "try_smtp", "try_database", "try_broker"])
def test_ctrl_c_while_a_login_is_tried_is_one_sentence_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for one in ("try_imap", "try_smtp", "try_database", "try_broker"):
        monkeypatch.setattr(logins, one, interrupted if one == login else lambda *_, **__: None)

    result = init()

    assert (result.exit_code, result.stderr.strip()) == (130, "Stopped by Ctrl-C. Nothing was written.")
    assert left(folder) == []


def test_a_database_that_goes_while_the_tables_are_made_leaves_the_settings_and_says_how_to_go_on(folder: Path) -> None:
    tokens = ("--client-id", "c", "--token-url", "https://t.example", "--authorize-url", "https://a.example")

    result = CliRunner(env={name: ENVIRON[name] for name in ("DATABASE_URL", "REDIS_URL")}).invoke(
        main, ["init", "--yes", "--no-try", "--address", "a@desk.example", "--plus-addressing", *tokens, "--authorize"]
    )

    (sentence,) = result.stderr.splitlines()
    assert (result.exit_code, sentence.startswith("The database at 127.0.0.1:1 cannot be reached: ")) == (2, True)
    assert [line.split()[1:3] for line in result.stdout.splitlines() if line.startswith("  supportdesk ")] == [
        ["db", "upgrade"], ["mailbox", "authorize"], ["user", "staff"],
    ]  # fmt: skip
    assert "supportdesk.toml" in left(folder)
    assert "hush" not in result.output


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"short"])
def test_a_broken_secret_key_that_is_there_is_told_and_kept(folder: Path, content: bytes) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/secret_key").write_bytes(content)

    result = init("--no-try")

    *sentences, last = result.stderr.splitlines()
    assert (result.exit_code, len(sentences), last) == (2, 1, "Nothing was written.")
    assert "secret_key" in sentences[0]
    assert left(folder) == ["secret_key"]
    assert (folder / "secrets/secret_key").read_bytes() == content


def test_a_broker_that_says_nothing_is_given_up(mute_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "STEP_SECONDS", 0.2)
    began = time.monotonic()

    trouble = logins.try_broker(f"redis://127.0.0.1:{mute_port}/0")

    advice = "see whether host and port are right, and whether a firewall stands between"
    assert trouble == f"The broker cannot be reached: it timed out; {advice}."
    assert time.monotonic() - began < 10


def test_the_doctor_gives_up_a_broker_that_says_nothing(mute_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "BROKER_SECONDS", 0.2)
    environ = ENVIRON | {"REDIS_URL": f"redis://127.0.0.1:{mute_port}/0"}
    services = open_services(load_settings(TOP / "supportdesk.toml", environ), application_name="tests")

    (finding,) = doctor.broker(services)

    assert "cannot be reached: it timed out; " in finding.trouble


def test_a_demo_gives_up_a_broker_that_says_nothing(mute_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.demo.ground.BROKER_SECONDS", 0.2)

    with pytest.raises(DemoRefused, match="The broker cannot be reached: Timeout reading from socket"):
        prepare_broker(f"redis://127.0.0.1:{mute_port}/0")


def test_a_database_that_goes_in_the_middle_of_a_demo_is_one_sentence_without_any_settings() -> None:
    error = OperationalError("SELECT 1", {}, Exception("the connection is lost"))

    with main.make_context("supportdesk", ["demo"]) as context:
        context.obj = Installation()

        (sentence,) = sentences_of(error)
        assert sentence.startswith("The database cannot be reached: the connection is lost. ")
