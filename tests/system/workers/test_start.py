"""A worker, a beat or a command that cannot work says so in a sentence and ends with status 2, with no traceback."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import make_url

from desk.tokens import fingerprint
from models.db.engine import make_engine
from models.outbox.signing_keys import accept_key, retire_key
from seed.stack.servers import Stack
from tests.support.database.services import EXAMPLE, SECRET
from worker.admin.migrate import upgrade
from worker.runtime.transaction import transaction

CELERY = ("-m", "celery", "-A", "worker.app")
WORKER = (*CELERY, "worker", "-Q", "desk", "--pool", "solo")
BEAT = (*CELERY, "beat")
SUPPORTDESK = ("-c", "from worker.cli.main import main; main()")
OUR_WORKER = (*SUPPORTDESK, "worker", *WORKER[len(CELERY) + 1 :])


@pytest.fixture(scope="module")
def environ(stack: Stack) -> dict[str, str]:
    """Settings with which everything works, on a migrated database."""
    engine = make_engine(stack.database_url, application_name="tests")
    upgrade(engine)
    engine.dispose()
    assert stack.mail
    return {
        "DATABASE_URL": stack.database_url,
        "REDIS_URL": stack.redis_url,
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__HOST": stack.mail.host,
        "SUPPORTDESK_MAILBOX__SUPPORT__PORT": str(stack.mail.imap_port),
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": stack.mail.password,
        "SUPPORTDESK_SMTP__HOST": stack.mail.host,
        "SUPPORTDESK_SMTP__PORT": str(stack.mail.smtp_port),
    }


def said(command: tuple[str, ...], environ: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one of our commands with these settings and nothing else of ours in the environment."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(EXAMPLE.parent), "HOME": str(folder), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def template_that_asks_for_the_unknown(folder: Path) -> str:
    mail = folder / "own" / "ticket-opened"
    mail.mkdir(parents=True)
    (mail / "subject.txt").write_text("[{{ tiket.tag }}] Welcome")
    return str(folder / "own")


WRONG = {
    "no settings file": ({"SUPPORTDESK_CONFIG": "nowhere.toml"}, "nowhere.toml: there is no such file"),
    "an unknown key": ({"SUPPORTDESK_DESK__NAEM": "x"}, "SUPPORTDESK_DESK__NAEM"),
    "a database that is away": ({"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "127.0.0.1:1"),
    "a broker that is away": ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "broker at 127.0.0.1:1 cannot be reached"),
}


@pytest.mark.parametrize("command", [WORKER, OUR_WORKER, BEAT], ids=["worker", "our worker", "beat"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_process_that_cannot_begin_says_why(
    command: tuple[str, ...], wrong: str, environ: dict[str, str], tmp_path: Path
) -> None:
    change, sentence = WRONG[wrong]

    ended = said(command, environ | change, tmp_path)

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_template_with_an_unknown_variable_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    own = template_that_asks_for_the_unknown(tmp_path)

    ended = said(WORKER, environ | {"SUPPORTDESK_TEMPLATES__FOLDER": own}, tmp_path)

    assert ended.returncode == 2
    assert "ticket-opened/subject.txt, line 1: 'tiket' is undefined" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_without_a_desk_says_what_to_run(environ: dict[str, str], stack: Stack, tmp_path: Path) -> None:
    empty = make_url(stack.database_url).set(database="template1").render_as_string(hide_password=False)

    ended = said(WORKER, environ | {"DATABASE_URL": empty}, tmp_path)

    assert ended.returncode == 2
    assert "supportdesk db upgrade" in ended.stderr


@pytest.fixture
def another_key(stack: Stack) -> Iterator[str]:
    """A key that is in use beside whatever key is, for as long as the test runs."""
    engine, secret = make_engine(stack.database_url, application_name="tests"), "the key of all the others, 32 bytes"
    with transaction(engine) as session:
        accept_key(session, fingerprint(SECRET.encode()))
        accept_key(session, fingerprint(secret.encode()))
    yield secret
    with transaction(engine) as session:
        retire_key(session, fingerprint(secret.encode()))
    engine.dispose()


@pytest.mark.parametrize("command", [WORKER, BEAT], ids=["worker", "beat"])
@pytest.mark.parametrize("own", ["", "a new key that nobody knows, 32 bytes"], ids=["lacks one", "signs with another"])
def test_a_process_with_an_unknown_key_does_not_start_and_says_how_to_change_keys(
    command: tuple[str, ...], own: str, another_key: str, environ: dict[str, str], tmp_path: Path
) -> None:
    change = {
        "SUPPORTDESK_DESK__SECRET_KEY": own or another_key,
        "SUPPORTDESK_DESK__PREVIOUS_SECRET_KEYS": json.dumps([SECRET, another_key] if own else []),
    }

    ended = said(command, environ | change, tmp_path)

    assert (ended.returncode, "supportdesk db keys accept" in ended.stderr) == (2, True)
    assert "Traceback" not in ended.stderr
    assert SECRET not in ended.stderr + ended.stdout


MAIL_TROUBLE = {
    "IMAP is away": ({"SUPPORTDESK_MAILBOX__SUPPORT__PORT": "1"}, "127.0.0.1:1 cannot be reached over IMAP"),
    "the password is wrong": ({"SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "wrong"}, "the login of support@desk.example"),
    "SMTP is away": ({"SUPPORTDESK_SMTP__PORT": "1"}, "127.0.0.1:1 cannot be reached over SMTP"),
}


@pytest.mark.parametrize("wrong", MAIL_TROUBLE)
def test_the_doctor_names_what_does_not_work(wrong: str, environ: dict[str, str], tmp_path: Path) -> None:
    change, sentence = MAIL_TROUBLE[wrong]

    ended = said((*SUPPORTDESK, "doctor"), environ | change, tmp_path)

    assert ended.returncode == 2
    assert sentence in ended.stdout
    assert "Traceback" not in ended.stderr


def test_the_doctor_finds_nothing_where_all_is_well(environ: dict[str, str], tmp_path: Path) -> None:
    said((*SUPPORTDESK, "user", "staff", "add", "ada@desk.example", "--role", "admin"), environ, tmp_path)

    ended = said((*SUPPORTDESK, "doctor"), environ, tmp_path)

    assert (ended.returncode, ended.stdout.count(": fine")) == (0, 13)


def resident_megabytes(pid: int) -> int:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) // 1024


def test_a_worker_of_the_wire_and_its_child_rest_under_a_hundred_megabytes(
    environ: dict[str, str], tmp_path: Path
) -> None:
    # A desk with routing rules takes 5 MB more.
    settings = tmp_path / "supportdesk.toml"
    settings.write_text(EXAMPLE.read_text().partition("[[rule]]")[0])
    command = [sys.executable, *SUPPORTDESK, "worker", "-Q", "wire", "-c", "1", "-n", "rest@tests"]
    log = tmp_path / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, env=os.environ | environ | {"SUPPORTDESK_CONFIG": str(settings)}, cwd=EXAMPLE.parent, stderr=file
        ) as worker,
    ):
        try:
            ends = time.monotonic() + 60
            while "ready" not in log.read_text() and time.monotonic() < ends:
                time.sleep(0.1)
            (child,) = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
            sizes = resident_megabytes(worker.pid), resident_megabytes(int(child))
        finally:
            worker.terminate()

    assert max(sizes) < 100
