"""The settings file: what it means, and the sentence for each mistake."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from desk.routing.rules import Assign, Strategy
from desk.ticket import Role
from mail.server import Security
from worker.settings.keys import entry_of, keys_of
from worker.settings.load import ConfigFailure, load_settings
from worker.settings.model import Settings
from worker.settings.types import After, Day

TOP = Path(__file__).parents[4]

GOOD = (TOP / "tests/settings/good.toml").read_text(encoding="utf-8")
MISTAKES: list[tuple[str, str, str]] = tomllib.loads((TOP / "tests/settings/mistakes.toml").read_text("utf-8"))[
    "mistakes"
]


def load(folder: Path, text: str = GOOD, environ: Mapping[str, str] | None = None) -> Settings:
    file = folder / "supportdesk.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ or {})


def messages(folder: Path, text: str = GOOD, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigFailure) as caught:
        load(folder, text, environ)
    return [message.replace(f"{folder}/", "") for message in caught.value.messages]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1, old
    return GOOD.replace(old, new, 1)


def test_a_good_file_becomes_settings(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert (settings.desk.address, settings.trust.staff) == ("support@desk.example", "both")
    assert settings.rule[0].then.assign == Assign(Role.AGENT, ("bob@desk.example",), Strategy.STICKY)


def test_what_is_not_written_has_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path)

    box, report = settings.mailbox[0], settings.report[0]
    assert (box.port, box.security, box.folder, box.after) == (993, Security.TLS, "INBOX", After.LEAVE)
    assert (report.at, report.days, report.timezone) == (time(7), tuple(Day), "UTC")
    assert (settings.smtp.port, settings.routing.default) == (465, Assign(role=Role.AGENT))


def password_of(settings: Settings) -> str:
    password = settings.mailbox[0].password
    assert password is not None
    return password.get_secret_value()


@pytest.mark.parametrize(("old", "new", "sentence"), MISTAKES)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    told = messages(tmp_path, changed(old, new))

    assert told == [f"supportdesk.toml: {sentence}"]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = changed('name = "Desk"', 'nam = "Desk"').replace("[smtp]", "[smtp]\nport = 'x'")

    told = messages(tmp_path, text)

    assert [message.split(": ")[1] for message in told] == ["desk.name", "desk.nam", "smtp.port"]


def test_every_rule_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    rule = '\n[[rule]]\nname = "B"\nwhen = \'sendr.is_new\'\nthen = { priority = "low" }\n'

    told = messages(tmp_path, changed("ticket.category", "tiket.category") + rule)

    assert [message.split(": ")[1] for message in told] == ['rule[1] "Invoices"', 'rule[2] "B"']


def test_a_file_without_a_mailbox_is_told(tmp_path: Path) -> None:
    start, end = GOOD.index("[[mailbox]]"), GOOD.index("[smtp]")

    told = messages(tmp_path, "mailbox = []\n" + GOOD[:start] + GOOD[end:])

    assert told == ["supportdesk.toml: mailbox: there must be one at least, as a table [[mailbox]]"]


def test_bad_toml_is_told_with_its_line(tmp_path: Path) -> None:
    told = messages(tmp_path, '[desk]\nname = "x\n')

    assert told == ["supportdesk.toml: is not TOML: Illegal character '\\n' (at line 2, column 10)"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure) as caught:
        load_settings(tmp_path / "gone.toml", {})

    words = "there is no such file; `supportdesk init` writes one, SUPPORTDESK_CONFIG names it"
    assert str(caught.value) == f"{tmp_path}/gone.toml: {words}"


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "supportdesk.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigFailure, match="cannot be read: it is not UTF-8 text"):
        load_settings(tmp_path / "supportdesk.toml", {})


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD, encoding="utf-8")

    settings = load_settings(None, {"SUPPORTDESK_CONFIG": str(tmp_path / "other.toml")})

    assert settings.desk.name == "Desk"


OVERRIDES: list[tuple[str, str, Callable[[Settings], object], object]] = [
    ("SUPPORTDESK_DESK__NAME", "Other", lambda s: s.desk.name, "Other"),
    ("SUPPORTDESK_SMTP__PORT", "2525", lambda s: s.smtp.port, 2525),
    ("SUPPORTDESK_TRUST__STAFF", "token", lambda s: s.trust.staff, "token"),
    ("SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD", "[x", password_of, "[x"),
    ("SUPPORTDESK_MAILBOX__SALES_TEAM__FOLDER", "S2", lambda s: s.mailbox[1].folder, "S2"),
    ("SUPPORTDESK_ROUTING__DEFAULT__STRATEGY", "sticky", lambda s: s.routing.default.strategy, Strategy.STICKY),
    ("SUPPORTDESK_REPORT__DAILY__DAYS", '["sun"]', lambda s: s.report[0].days, (Day.SUN,)),
    ("SUPPORTDESK_BROKER__VISIBILITY_TIMEOUT", "600", lambda s: s.broker.visibility_timeout, 600),
    ("DATABASE_URL", "postgresql://x", lambda s: s.database.url.get_secret_value(), "postgresql://x"),
    ("REDIS_URL", "redis://x", lambda s: s.broker.url.get_secret_value(), "redis://x"),
    ("SUPPORTDESK_DESK__NAME", "", lambda s: s.desk.name, "Desk"),
    ("PATH", "/bin", lambda s: s.desk.name, "Desk"),
]


@pytest.mark.parametrize(("variable", "text", "read", "expected"), OVERRIDES)
def test_the_environment_overrides_the_file(
    tmp_path: Path, variable: str, text: str, read: Callable[[Settings], object], expected: object
) -> None:
    settings = load(tmp_path, GOOD, {variable: text})

    assert read(settings) == expected


def test_our_own_name_wins_over_the_plain_one(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://plain", "SUPPORTDESK_DATABASE__URL": "postgresql://own"}

    settings = load(tmp_path, GOOD, environ)

    assert settings.database.url.get_secret_value() == "postgresql://own"


VARIABLES = [
    ("SUPPORTDESK_DESK__NAM", "x", "sets nothing that is known; did you mean SUPPORTDESK_DESK__NAME?"),
    (
        "SUPPORTDESK_MAILBOX__GONE__USER",
        "x",
        "sets nothing that is known; did you mean SUPPORTDESK_MAILBOX__SUPPORT__USER?",
    ),
    ("SUPPORTDESK_QQQ", "", "sets nothing that is known"),
    ("SUPPORTDESK_SMTP__PORT", "abc", 'must be a whole number, not "abc"'),
    ("SUPPORTDESK_MAILBOX__SUPPORT__AFTER", "x", 'must be one of leave, flag, move, not "x"'),
    ("SUPPORTDESK_REPORT__DAILY__DAYS", "mon", "must be a list"),
    ("SUPPORTDESK_DESK", "x", "must be a table"),
    ("DATABASE_URL", "mysql://x:hush@y", "must start with postgresql:// or postgresql+psycopg:// or postgres://"),
]


@pytest.mark.parametrize(("variable", "text", "sentence"), VARIABLES)
def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, text: str, sentence: str
) -> None:
    told = messages(tmp_path, GOOD, {variable: text})

    assert told == [f"environment variable {variable}: {sentence}"]


def a_secret_file(folder: Path, text: str, mode: int = 0o600) -> None:
    file = folder / "hush"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def test_secrets_are_read_from_files_beside_the_settings(tmp_path: Path) -> None:
    a_secret_file(tmp_path, "from the file\n", 0o640)

    settings = load(tmp_path, changed('password = "imap-hush"', 'password_file = "hush"'))

    assert password_of(settings) == "from the file"


def test_a_secret_in_the_environment_replaces_the_file_that_holds_it(tmp_path: Path) -> None:
    environ = {"SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "fresh"}

    settings = load(tmp_path, changed('password = "imap-hush"', 'password_file = "gone"'), environ)

    assert password_of(settings) == "fresh"


@pytest.mark.parametrize("mode", [0o640, 0o440, 0o600, 0o400, 0o700])
def test_a_secret_file_may_be_read_by_its_owner_and_group(tmp_path: Path, mode: int) -> None:
    a_secret_file(tmp_path, "from the file", mode)

    settings = load(tmp_path, changed('password = "imap-hush"', 'password_file = "hush"'))

    assert password_of(settings) == "from the file"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o641, 0o642, 0o660, 0o650, 0o666, 0o777, 0o444])
def test_a_secret_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    a_secret_file(tmp_path, "from the file", mode)

    told = messages(tmp_path, changed('password = "imap-hush"', 'password_file = "hush"'))

    sentence = f'"hush" may be read by others (mode {mode:04o}); say chmod 640 or 600'
    assert told == [f'supportdesk.toml: mailbox[1] "support" password_file: {sentence}']


def test_an_empty_secret_file_is_told(tmp_path: Path) -> None:
    a_secret_file(tmp_path, "\n")

    told = messages(tmp_path, changed('password = "imap-hush"', 'password_file = "hush"'))

    assert told == ['supportdesk.toml: mailbox[1] "support" password_file: "hush" is empty']


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert not [word for word in ("hush", "0123456789abcdef") if word in repr(settings) + str(settings)]


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(tmp_path)

    with pytest.raises(ValidationError, match="frozen"):
        settings.desk.name = "x"  # type: ignore[misc]


def test_the_longest_local_part_that_fits_is_taken(tmp_path: Path) -> None:
    settings = load(tmp_path, changed('"support@desk.example"', f'"{"s" * 29}@desk.example"'))

    assert settings.mailbox[0].address == "s" * 29 + "@desk.example"


def test_plain_is_taken_to_this_machine_and_where_forced(tmp_path: Path) -> None:
    text = changed('host = "imap.desk.example"', 'host = "127.0.0.1"\nsecurity = "plain"')

    settings = load(tmp_path, text.replace("[smtp]", '[smtp]\nsecurity = "plain"\nforce_plain = true'))

    assert (settings.mailbox[0].port, settings.smtp.port) == (143, 25)


def test_a_template_folder_lies_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    settings = load(tmp_path, changed("[smtp]", '[templates]\nfolder = "mine"\n[smtp]'))

    assert settings.templates.folder == tmp_path / "mine"


def test_the_example_at_the_top_loads_with_its_four_variables() -> None:
    environ = {
        "DATABASE_URL": "postgresql://supportdesk@localhost/supportdesk",
        "REDIS_URL": "redis://localhost:6379/0",
        "SUPPORTDESK_DESK__SECRET_KEY": "k" * 32,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "hush",
    }

    settings = load_settings(TOP / "supportdesk.toml", environ)

    assert [box.name for box in settings.mailbox] == ["support"]


def test_the_example_at_the_top_shows_every_key_and_no_other() -> None:
    shown = shown_keys((TOP / "supportdesk.toml").read_text(encoding="utf-8"))

    assert set(shown) == set(keys_below(Settings))


def keys_below(kind: Any, path: str = "") -> Iterator[str]:
    """Each key that is no table itself, such as `mailbox.port` or `rule.then.assign.role`."""
    for name, inner in keys_of(entry_of(kind) or kind).items():
        below = list(keys_below(inner, f"{path}{name}."))
        yield from below or [f"{path}{name}"]


def shown_keys(text: str) -> Iterator[str]:
    """Each key that a settings file gives a value, be it in a comment; `password_file` shows `password`."""
    section = ""
    for line in text.splitlines():
        if heading := re.fullmatch(r"\[+(\w+)\]+", line):
            section = f"{heading[1]}."
        elif re.match(r"(?:# )?\w+ = ", line):
            # A comment may go on after the value, and is no line of a settings file then.
            with suppress(tomllib.TOMLDecodeError):
                yield from keys_given(tomllib.loads(line.removeprefix("# ")), section)


def keys_given(table: Mapping[str, Any], section: str) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from keys_given(value, f"{section}{name}.")
        else:
            yield section + name.removesuffix("_file")


def test_importing_the_settings_does_not_import_the_rule_engine() -> None:
    code = "import sys, worker.settings; print('rule_engine' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, timeout=30, check=True)

    assert done.stdout == "False\n"
