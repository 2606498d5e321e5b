"""Every queue that work is rung on has a worker that listens to it, in the containers and in the demo."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.runtime.bell import QUEUES

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

# Importing the application reads the settings, so it is asked in a process of its own.
QUESTION = """
import json
from worker.app import app
from worker.tasks.start import import_tasks
app.loader.import_default_modules()
import_tasks({}, app.conf)
print(json.dumps({
    "tasks": [name for name in app.tasks if not name.startswith("celery.")],
    "routes": {task: route["queue"] for task, route in app.conf.task_routes.items()},
    "rung": [entry["task"] for entry in app.conf.beat_schedule.values()],
}))
"""


@dataclass(frozen=True, slots=True)
class Application:
    """What the Celery application says of itself: its tasks, the queue of each, and what its beat rings for."""

    tasks: list[str]
    routes: dict[str, str]
    rung: list[str]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application as the containers run it; nothing is connected to."""
    folder = tmp_path_factory.mktemp("queues")
    for secret in ("secret_key", "imap_password", "smtp_password"):
        (folder / secret).write_text("0123456789abcdef" * 4)
        (folder / secret).chmod(0o600)
    config = folder / "supportdesk.toml"
    config.write_text((ROOT / "docker/supportdesk.toml").read_text().replace("/run/secrets", str(folder)))
    addresses = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    ours = {name: text for name, text in os.environ.items() if not name.startswith("SUPPORTDESK_")}
    environ = {**ours, **addresses, "SUPPORTDESK_CONFIG": str(config)}
    asking = [sys.executable, "-c", QUESTION]
    done = subprocess.run(asking, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return Application(**json.loads(done.stdout))


def listened_to() -> Iterator[str]:
    """Each queue that a container listens to."""
    for service in SERVICES.values():
        words = service.get("command", [])
        if "-Q" in words:
            yield from words[words.index("-Q") + 1].split(",")


def starters() -> Iterator[tuple[str, set[str]]]:
    """Each of our files that starts a Celery worker, with the strings and names that it holds."""
    for path in sorted(path for room in ("seed", "worker") for path in (ROOT / room).rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        if "-Q" in strings:
            yield str(path.relative_to(ROOT)), strings | {node.id for node in nodes if isinstance(node, ast.Name)}


def test_every_task_has_a_queue_of_its_own_choosing(application: Application) -> None:
    assert set(application.routes) == set(application.tasks)


def test_the_beat_rings_only_for_tasks_that_exist(application: Application) -> None:
    unknown = set(application.rung) - set(application.tasks)

    assert application.rung
    assert unknown == set()


def test_the_containers_listen_to_every_queue_and_no_other(application: Application) -> None:
    heard = sorted(listened_to())

    assert heard == sorted(set(application.routes.values()))


def test_the_demo_listens_to_every_queue() -> None:
    queues = set(QUEUES.values())
    deaf = [place for place, words in starters() if "QUEUES" not in words and not queues <= words]

    assert list(starters())
    assert deaf == []
