"""What a process must not carry: the libraries that only others need, as each costs megabytes while it rests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SETTINGS = {
    "SUPPORTDESK_CONFIG": str(ROOT / "supportdesk.toml"),
    "SUPPORTDESK_DESK__SECRET_KEY": "k" * 32,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "p",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
WORKER = """
from worker.app import app
app.loader.import_default_modules()
from worker.tasks.start import import_tasks
import_tasks({{"queues": ["{0}"]}}, app.conf)
"""
# What only one moment or one person at a terminal needs: the look at the start, in a process of its own, a report's
# chart, the question of what a broken database lacks, and the preview of templates.
OF_A_MOMENT = {"alembic", "worker.admin.doctor.run", "worker.admin.doctor.first_look"}
OF_A_MOMENT |= {"matplotlib", "models.schema.repair", "desk.notices.samples"}
OF_TERMINALS = {"rich", "prompt_toolkit"}
# Few mails have no charset that fits, so that it has to be guessed.
OF_FEW_MAILS = {"chardet"}
# Who writes no mail and reads none needs neither what renders nor what reads HTML.
OF_WORDS = {"jinja2", "css_inline", "nh3", "html_to_markdown", "selectolax", "mail.html.text", "mail.outbound.render"}
OF_WORDS |= {"desk.notices.context", "mail.inbound.parse", "worker.settings.signatures"}
# What only mailboxes with tokens need; of cryptography the client of Redis imports the name alone.
OF_TOKENS = {"authlib", "cryptography.fernet", "cryptography.hazmat", "joserfc", "worker.runtime.mailboxes.access"}
# What only the process that answers to scrapes needs.
OF_METRICS = {"prometheus_client", "http.server", "worker.runtime.health.probes"}
# What only who looks at the data in a browser needs.
OF_THE_STUDIO = {"sqladmin", "starlette", "uvicorn", "worker.cli.studio"}
PROCESSES = {
    "wire": (WORKER.format("wire"), {"worker.intake", "worker.announce", "worker.tasks.desk", *OF_WORDS}),
    "desk": (WORKER.format("desk"), {"worker.poll", "worker.deliver.run", "imapclient", "worker.tasks.wire"}),
    "beat": (
        "from worker.app import app\nimport worker.tasks.start, worker.runtime.beat",
        # Its pulse needs the driver of the database, and nothing else of it.
        {"sqlalchemy", "models.db.base", "models.db.engine", *OF_WORDS},
    ),
    "the command": ("import worker.cli.commands.worker, celery.bin.base, celery.bin.worker", {"worker.app", *OF_WORDS}),
    "watch": (
        "import worker.cli.main, worker.cli.commands.watch, worker.app, worker.poll.watch",
        {"worker.tasks", "worker.deliver", *OF_WORDS},
    ),
}


def modules_of(code: str, **settings: str) -> set[str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SUPPORTDESK_")}
    asking = [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"]
    environ = ours | SETTINGS | settings
    done = subprocess.run(asking, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_does_not_import_what_only_others_need(name: str) -> None:
    code, foreign = PROCESSES[name]
    others = OF_A_MOMENT | OF_TERMINALS | OF_FEW_MAILS | OF_TOKENS | OF_METRICS | OF_THE_STUDIO
    assert (foreign | others) & modules_of(code) == set()


def test_a_desk_without_rules_does_not_carry_their_grammar(tmp_path: Path) -> None:
    example = SETTINGS["SUPPORTDESK_CONFIG"]
    without = tmp_path / "supportdesk.toml"
    without.write_text(Path(example).read_text().partition("[[rule]]")[0])

    assert "rule_engine" not in modules_of(WORKER.format("wire"), SUPPORTDESK_CONFIG=str(without))
    assert "rule_engine" in modules_of(WORKER.format("wire"), SUPPORTDESK_CONFIG=example)


# What the program needs before it knows what it is asked for, and how many modules that may be: each costs time.
MOST_MODULES = 260
OF_WORK = {"sqlalchemy", "psycopg", "pydantic", "celery", "worker.settings", "mail", "models"}
OF_COMMANDS = {"rich", "email", "importlib.metadata", "desk", "worker.cli.commands"}
STARTS = {
    "the version": (["--version"], OF_WORK | OF_COMMANDS),
    "all commands": (["--help"], OF_WORK | OF_COMMANDS),
    "the help of a command": (["ticket", "list", "--help"], OF_WORK),
    "a mistake": (["ticket", "list", "--most", "0"], OF_WORK),
}


@pytest.mark.parametrize("name", STARTS)
def test_the_program_starts_with_few_modules(name: str) -> None:
    words, foreign = STARTS[name]
    code = (
        f"import sys, atexit, json\nfrom worker.cli.main import main\ntry:\n    main({words})\nexcept SystemExit: pass"
    )

    found = modules_of(code)

    assert {one for one in found if any(f"{one}.".startswith(f"{start}.") for start in foreign)} == set()
    assert "rich" in found or len(found) < MOST_MODULES
