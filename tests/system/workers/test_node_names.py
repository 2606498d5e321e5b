"""Workers that are started by the lines of the README answer `celery inspect ping`, each by a name of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from models.db.engine import make_engine
from seed.stack.servers import Stack
from tests.support.database.services import EXAMPLE, SECRET
from worker.admin.migrate import upgrade

BIN = Path(sys.executable).parent
# As the README starts them; "as many as you like" of the second. One child each is enough to answer.
STARTED = (
    ("supportdesk", "worker", "-Q", "wire", "-c", "1"),
    ("supportdesk", "worker", "-Q", "desk", "-c", "1"),
    ("celery", "-A", "worker.app", "worker", "-Q", "desk", "-c", "1"),
)


@pytest.fixture(scope="module")
def environ(stack: Stack) -> dict[str, str]:
    """Settings of a desk on a migrated database, with a broker's database of its own."""
    engine = make_engine(stack.database_url, application_name="tests")
    upgrade(engine)
    engine.dispose()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(EXAMPLE.parent),
        "DATABASE_URL": stack.database_url,
        "REDIS_URL": stack.redis_url.removesuffix("/0") + "/5",
        "SUPPORTDESK_CONFIG": str(EXAMPLE),
        "SUPPORTDESK_DESK__SECRET_KEY": SECRET,
        "SUPPORTDESK_MAILBOX__SUPPORT__PASSWORD": "demo",
    }


@pytest.fixture(scope="module")
def workers(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The workers, until all are ready; their process ids."""
    folder = tmp_path_factory.mktemp("workers")
    with ExitStack() as life:
        logs, running = [folder / f"{place}.log" for place in range(len(STARTED))], []
        for (program, *words), log in zip(STARTED, logs, strict=True):
            file = life.enter_context(log.open("wb"))
            started = subprocess.Popen([BIN / program, *words], stdout=file, stderr=file, env=environ, cwd=folder)
            life.callback(started.wait, 30)
            life.callback(started.terminate)
            running.append(started)
        ends = time.monotonic() + 100
        while not all(" ready." in log.read_text() for log in logs):
            assert time.monotonic() < ends, [log.read_text()[-2000:] for log in logs]
            time.sleep(0.1)
        yield [one.pid for one in running]
        for one in running:
            one.terminate()


def test_each_worker_answers_by_a_name_of_its_own(workers: list[int], environ: dict[str, str]) -> None:
    kinds = ("wire", "desk", "desk")
    names = [f"{kind}-{pid}@{os.uname().nodename}" for kind, pid in zip(kinds, workers, strict=True)]
    # Where it is said who is asked, it is not waited longer than until they have answered.
    asking = ["inspect", "ping", "--json", "--timeout", "30", "--destination", ",".join(names)]

    done = subprocess.run(
        [str(BIN / "celery"), "-A", "worker.app", *asking],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert json.loads(done.stdout) == {name: {"ok": "pong"} for name in names}
