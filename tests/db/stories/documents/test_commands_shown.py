"""Every command that a page shows is parsed by its program, and run on a desk where that needs no person."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from seed.stack.servers import Stack
from tests.support.database.databases import drop_database, new_database
from tests.support.database.services import ADMIN, AGENT, EXAMPLE, SECRET, a_raw_mail, services_on
from tests.support.values.command_lines import innermost, parse, program_of, words_of
from tests.support.values.shown_commands import ROOT, Shown, shown_commands
from worker.cli.main import main
from worker.deliver.run import deliver_due

# What is not run here, by how it begins, and why not.
NOT_RUN = (
    ("supportdesk worker", "it works until it is stopped; tests/system/workers starts it"),
    ("supportdesk watch", "it watches until it is stopped; tests/system/watch starts it"),
    ("supportdesk serve", "it answers until it is stopped; its own tests start it"),
    ("supportdesk studio", "it shows until it is stopped; tests/db/stories/hands/studio opens it"),
    ("supportdesk status --watch", "it looks again until it is stopped"),
    ("supportdesk doctor --round-trip", "it sends mails and waits for them; test_round_trip has servers for it"),
    ("supportdesk init", "it asks a person; test_init answers it"),
    ("supportdesk mailbox authorize", "somebody has to agree at the provider; test_mailbox_command plays both"),
    ("supportdesk db downgrade", "it takes the desk away; test_db_commands does that to another"),
    ("supportdesk db reset", "it takes the desk away; test_db_commands does that to another"),
    ("celery", "it works until it is stopped; tests/system/workers starts it"),
    ("make", "it is what one does in a checkout, and takes minutes; that there is such a word is looked at"),
    ("docker compose", "no container engine; test_containers reads the file"),
    ("pg_dump", "test_restore runs it"),
    ("pg_restore", "test_restore runs it"),
    ("psql", "test_restore runs it"),
    ("sudo -u postgres createdb", "test_restore runs it"),
    ("sudo -u postgres createuser", "it asks for a password"),
    ("sudo", "it changes the machine"),
    ("systemctl", "it asks the machine's systemd; the units have tests of their own in test_operations_page"),
    ("journalctl", "it reads the machine's log"),
    ("timedatectl", "it asks the machine's systemd"),
    ("df", "it shows the machine's disks"),
    ("export", "it gives a variable"),
)
# With what exit status a command ends that does not end with 0 on a desk whose processes do not run.
STATUSES = {
    "supportdesk archive restore SD-1001": 2,
    "supportdesk doctor": 1,
    "supportdesk doctor --json": 1,
    "supportdesk status": 1,
    "supportdesk status --json": 1,
    "supportdesk watchman --once": 1,
    "supportdesk rules check rules.toml": 1,
    # The mail of the example opened its ticket.
    "supportdesk mail again NUMBER": 2,
    "supportdesk mail again NUMBER --yes": 2,
    "supportdesk mail again NUMBER --json": 2,
    "supportdesk rules check --json": 1,
    "supportdesk db keys retire FINGERPRINT": 2,
    "supportdesk loop reset '*strangers*'": 2,
}
# What stands for something that only a desk has, and the ticket and mail of the examples.
PLACEHOLDERS = {
    "NUMBER": "1",
    "EMAIL": "ann@customer.example",
    "ID": "mx.desk.example",
    "NAME": "alert",
    "mail-17": "mail-1",
    "SD-1042": "SD-1001",
}
SHOWN = shown_commands()
OURS = [one for one in SHOWN if one.line.split()[0] in ("supportdesk", "celery")]
MAKES = [one for one in SHOWN if one.line.split()[0] == "make"]


def named(one: Shown) -> str:
    return f"{one.line} ({one.place})"


def filled(line: str) -> list[str]:
    """The words of a line after its program, with what stands for something replaced."""
    words = [word.removesuffix("...") for word in words_of(line)]
    pattern = re.compile(rf"\b({'|'.join(PLACEHOLDERS)})\b")
    return [pattern.sub(lambda found: PLACEHOLDERS[found[1]], word) for word in words]


def is_named_alone(one: Shown) -> bool:
    """Whether a line between backquotes is only the name of a command, or of a group, that takes more."""
    try:
        command, rest = innermost(*program_of(words_of(one.line)))
    except click.UsageError:
        # Another test says so.
        return False
    takes_more = isinstance(command, click.Group) or any(
        parameter.required or isinstance(parameter, click.Argument) for parameter in command.params
    )
    return not one.in_block and not rest and takes_more


def reason_not_run(line: str) -> str | None:
    return next((why for start, why in NOT_RUN if f"{line} ".startswith(f"{start} ")), None)


RUN = [one for one in OURS if reason_not_run(one.line) is None and not is_named_alone(one)]


@pytest.fixture(scope="module")
def environ(
    stack: Stack, postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The variables of a desk that has staff, a ticket and mails, a language of its own, and servers that let it in."""
    assert stack.mail
    url, folder = new_database(postgres_url, template_database), tmp_path_factory.mktemp("shown")
    shutil.copytree(ROOT / "templates/en", folder / "templates/fr")
    user = "shown@desk.example"
    smtp_port = str(stack.mail.smtp_port)
    settings = {"HOST": stack.mail.host, "PORT": str(stack.mail.imap_port), "USER": user}
    services = services_on(url, ADMIN, AGENT, a_raw_mail(), SMTP__PORT=smtp_port, **settings)
    deliver_due(services)
    services.engine.dispose()
    yield {
        "DATABASE_URL": url,
        "REDIS_URL": stack.redis_url,
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": stack.mail.password,
        "SUPPORTDESK_SMTP__PORT": smtp_port,
        "SUPPORTDESK_TEMPLATES__FOLDER": str(folder / "templates"),
        **{f"SUPPORTDESK_MAILBOX__SUPPORT__{name}": value for name, value in settings.items()},
    }
    drop_database(postgres_url, url)


@pytest.mark.parametrize("one", OURS, ids=named)
def test_each_command_line_is_parsed_to_its_end(one: Shown) -> None:
    words = filled(one.line)
    program, rest = program_of(words)
    innermost(program, rest) if is_named_alone(one) else parse(program, rest)


@pytest.mark.parametrize("one", RUN, ids=named)
def test_what_a_desk_can_run_is_run(
    one: Shown, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("supportdesk.toml").write_bytes(EXAMPLE.read_bytes())
    if "mail read" in one.line or "rules explain" in one.line:
        Path("FILE").write_bytes(a_raw_mail())
    Path("rules.toml").write_bytes(EXAMPLE.read_bytes())
    for name in ("Inbox.mbox", "Sent.mbox", "PATH"):
        Path(name).write_bytes(b"From ann Mon Mar  4 08:30:00 2019\n" + a_raw_mail())

    done = CliRunner(env=environ).invoke(main, filled(one.line)[1:])

    assert (done.exit_code, done.exception and str(done.exception)) == (
        STATUSES.get(one.line, 0),
        str(STATUSES[one.line]) if one.line in STATUSES else None,
    ), done.output


def test_what_is_not_run_is_named_with_its_reason_and_nothing_else_is() -> None:
    others = [one.line for one in SHOWN if one not in OURS and reason_not_run(one.line) is None]
    lines = [f"{one.line} " for one in SHOWN]
    needless = [start for start, _ in NOT_RUN if not any(line.startswith(f"{start} ") for line in lines)]

    assert (others, needless) == ([], [])


@pytest.mark.parametrize("one", MAKES, ids=named)
def test_each_word_of_make_is_there(one: Shown) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    _, word, *variables = words_of(one.line)

    known = set(re.findall(r"^(\w+) \?=", makefile, re.MULTILINE))

    assert re.search(rf"^{word}:", makefile, re.MULTILINE)
    assert {variable.partition("=")[0] for variable in variables} <= known
