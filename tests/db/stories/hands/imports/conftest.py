"""The command line program with the settings of the example."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.database.services import EXAMPLE, SECRET
from worker.cli.main import main

Bring = Callable[..., Result]
SETTINGS = {
    "SUPPORTDESK_CONFIG": str(EXAMPLE),
    "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
    "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "COLUMNS": "200",
}


@pytest.fixture
def environ(fresh_database: str) -> dict[str, str]:
    """The variables that the command reads."""
    return SETTINGS | {"DATABASE_URL": fresh_database}


@pytest.fixture
def bring(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """`supportdesk import KIND PATH... --mailbox support`, with further options."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env=environ)

    def run(kind: str, *words: object, mailbox: str = "support", pinned: bool = False, url: str = "") -> Result:
        other = {"DATABASE_URL": url} if url else {}
        pin = {"SUPPORTDESK_MAILBOX__SUPPORT__AUTHSERV_ID": "mx.desk.example"} if pinned else {}
        if kind == "replay":
            return runner.invoke(main, [kind, *map(str, words)])
        return runner.invoke(main, ["import", kind, *map(str, words), "--mailbox", mailbox], env={**pin, **other})

    return run
