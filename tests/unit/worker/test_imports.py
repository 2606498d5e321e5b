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
from worker.start import import_tasks
import_tasks({{"queues": ["{0}"]}}, app.conf)
"""
# What the doctor needs, which looks at the start, in a process of its own.
OF_THE_START = {"alembic", "worker.admin.doctor", "worker.admin.first_look"}
# What only mailboxes with tokens need; of cryptography the client of Redis imports the name alone.
OF_TOKENS = {"authlib", "cryptography.fernet", "cryptography.hazmat", "joserfc", "worker.runtime.mailboxes.access"}
PROCESSES = {
    "wire": (WORKER.format("wire"), {"worker.intake", "worker.announce", "worker.tasks.desk", "matplotlib"}),
    "desk": (
        WORKER.format("desk"),
        {"worker.poll", "worker.deliver.run", "imapclient", "worker.tasks.wire", "matplotlib"},
    ),
    "beat": (
        "from worker.app import app\nimport worker.start, worker.runtime.beat",
        # Its pulse needs the driver of the database, and nothing else of it.
        {"sqlalchemy", "models.db.base", "models.db.engine", "jinja2"},
    ),
    "watch": ("import worker.cli.commands.watch, worker.app, worker.poll.watch", {"worker.tasks", "matplotlib"}),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_does_not_import_what_only_others_need(name: str) -> None:
    code, foreign = PROCESSES[name]
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SUPPORTDESK_")}
    asking = [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"]

    done = subprocess.run(asking, cwd=ROOT, env=ours | SETTINGS, capture_output=True, text=True, check=True, timeout=60)

    assert (foreign | OF_THE_START | OF_TOKENS) & set(json.loads(done.stdout)) == set()
