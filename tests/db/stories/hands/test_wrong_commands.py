"""What an operator may get wrong, with each command that reads or changes: one sentence, status 2, and nothing done."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.commands import leaves
from models.schema.versions import MIGRATIONS, newest_revision
from tests.support.database.services import AGENT, EXAMPLE, SECRET, Supportdesk, execute, query
from worker.admin import migrate
from worker.cli.main import main
from worker.runtime.services import Services

Run = Callable[..., Result]
BOB = "bob@desk.example"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
# Each command with words that are right.
COMMANDS = (
    "poll support",
    "reconcile support",
    "status",
    "ticket list",
    "ticket search toner",
    "ticket show SD-1001",
    f"ticket comment SD-1001 Hello --as {BOB}",
    f"ticket assign SD-1001 none --as {BOB}",
    f"ticket status SD-1001 closed --as {BOB}",
    "user list",
    "user staff list",
    f"user staff add {BOB} --role agent",
    f"user staff remove {BOB}",
    f"user language {BOB} de",
    "user export ann@customer.example copy.jsonl",
    "user forget ann@customer.example",
    "mail large",
    "mail dropped",
    "mail show 1",
    "mail export 1 file.eml",
    "mail again 1 --yes",
    "mail restore 1",
    "explain SD-1001",
    "studio",
    "mailbox list",
    "mailbox pause support",
    "mailbox resume support",
    "mailbox check support",
    "outbox list",
    "outbox show 1",
    "outbox retry --all",
    "outbox release 1",
    "outbox drop 1 --yes",
    "quarantine list",
    "quarantine show 1",
    "quarantine export 1 file.eml",
    "quarantine retry 1",
    "quarantine drop 1 --yes",
    "suppression list",
    "suppression add ann@customer.example --reason asked",
    "suppression remove ann@customer.example",
    "loop list",
    "loop reset ann@customer.example",
    "rules test rules.toml",
    "replay",
    "replay --apply",
    "import eml old.eml --mailbox support",
    "import eml old.eml --mailbox support --dry-run",
    "import mbox old.mbox --mailbox support",
    "import maildir old --mailbox support",
    "export copy.jsonl",
    "archive list",
    "archive search toner",
    "archive run --older-than 2y",
    "archive run --older-than 2y --dry-run",
    "archive restore SD-1001",
    "retention run",
)
# What looks at no data of a desk, tells of its version in another way, or is there to change it.
OTHERS = (
    "demo", "init", "config", "db", "doctor", "worker", "watch", "watchman", "serve", "mail read", "mailbox authorize",
    "rules check", "rules explain", "template",
)  # fmt: skip
RULES = """[[rule]]
name = "Bills"
when = 'ticket.category == "billing"'
then = { priority = "high" }
"""
AT = "UPDATE mail.alembic_version SET version_num = '{}'"
NEEDED = newest_revision()
OLDER = f"{int(NEEDED) - 1:04}"


def environ(url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
        "COLUMNS": "300",
    }


def said(words: str, variables: Mapping[str, str]) -> tuple[int, list[str]]:
    """The exit status of a command and its lines, without the frame of a mistake in its words."""
    result = CliRunner(env=dict(variables)).invoke(main, words.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.strip().splitlines()


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("old.eml", "old.mbox"):
        (tmp_path / name).write_text("")
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "old" / "cur").mkdir(parents=True)


def test_each_command_is_above() -> None:
    names = [words for words, _ in leaves(main, ())]

    def begins(words: str, begin: str) -> bool:
        return f"{words} ".startswith(f"{begin} ")

    tried = {name for name in names if any(begins(words, name) for words in COMMANDS)}
    others = {name for name in names if any(begins(name, other) for other in OTHERS)}
    assert set(names) - tried - others == set()
    assert tried & others == set()


@pytest.mark.services(AGENT)
@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("9999", f"The database is at 9999, and this program is older: it knows {NEEDED}. Start a newer one."),
        (OLDER, f"The database is at {OLDER}, not at {NEEDED}: run `supportdesk db upgrade`."),
    ],
)
def test_a_newer_and_a_half_migrated_database_are_told_before_anything_is_read(
    services: Services, fresh_database: str, version: str, sentence: str
) -> None:
    execute(services, AT.format(version))

    found = {words: said(words, environ(fresh_database)) for words in COMMANDS}
    execute(services, AT.format(NEEDED))

    assert {words: told for words, told in found.items() if told != (2, [sentence])} == {}
    assert query(services, "SELECT name FROM mail.mailbox") == []
    assert not Path("file.eml").exists()
    assert not Path("copy.jsonl").exists()


def test_a_database_that_is_not_ours_is_told(empty_database: str) -> None:
    found = {words: said(words, environ(empty_database)) for words in COMMANDS}

    sentence = "This database has no desk, or an older one: run `supportdesk db upgrade`."
    assert {words: told for words, told in found.items() if told != (2, [sentence])} == {}


@pytest.mark.parametrize("words", COMMANDS)
def test_a_database_that_is_away_is_told(words: str) -> None:
    status, lines = said(words, environ(NOWHERE))

    assert status == 2
    assert len(lines) == 1, lines
    assert lines[0].startswith("The database at 127.0.0.1:1 cannot be reached: ")
    assert lines[0].endswith("See whether DATABASE_URL, or url in [database], is right, and whether the server runs.")


@pytest.mark.services(AGENT)
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("ticket show SD-x", "SD-x is no ticket. Write it as SD-1042 or as 1042."),
        ("ticket show 1042", "There is no ticket SD-1042. `supportdesk ticket list` shows which there are."),
        ("ticket list --status done", "'done' is not one of 'open', 'in_progress', 'resolved', 'closed'."),
        ("ticket list --most 0", "0 is not in the range 1<=x<=1000."),
        ("ticket list --owner bob", "bob is no mail address."),
        ("ticket list --before yesterday", "yesterday is no ticket."),
        (f"ticket status 1042 done --as {BOB}", "'done' is not one of 'open', 'in_progress', 'resolved', 'closed'."),
        (f"ticket status 1042 closed --as {BOB}", "There is no ticket SD-1042."),
        ("ticket status 1042 closed --as eve@desk.example", "eve@desk.example is not staff."),
        (f"ticket assign 1042 eve@desk.example --as {BOB}", "There is no ticket SD-1042."),
        ("ticket search", "Missing argument 'WORD...'."),
        ("mailbox pause sales", "There is no mailbox sales; there are: none yet. Nothing was changed."),
        ("outbox show none", "'none' is not a valid integer."),
        ("outbox show 7", "There is no mail 7 of ours."),
        ("outbox list --only lost", "'lost' is not one of 'new', 'waiting', 'failed', 'held'."),
        ("quarantine show 7", "Mail 7 is not in quarantine."),
        ("quarantine list --after none", "'none' is no number of a mail, and not event-NUMBER."),
        ("mail show 7", "No mail 7 came."),
        ("mail read nowhere.eml", "nowhere.eml"),
        ("user forget ann", "ann is no mail address."),
        ("--config nowhere.toml mailbox check support", "nowhere.toml"),
    ],
)
def test_a_wrong_word_is_told(services: Services, supportdesk: Supportdesk, words: str, sentence: str) -> None:
    result = supportdesk(*words.split())

    assert result.exit_code == 2
    assert sentence in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_the_newest_version_is_known_without_reading_the_migrations() -> None:
    assert (newest_revision(), MIGRATIONS) == (migrate.newest(), migrate.MIGRATIONS)
