"""A worker without a name of its own is named by its queues and its process; a name that was given stays."""

import os
from types import SimpleNamespace
from typing import Any

import pytest

from worker.tasks.start import name_worker

HOST, PID = os.uname().nodename, os.getpid()
NAMES: dict[str, tuple[str, list[str] | None, str]] = {
    "one queue": (f"celery@{HOST}", ["wire"], f"wire-{PID}@{HOST}"),
    "two queues": (f"celery@{HOST}", ["wire", "desk"], f"desk-wire-{PID}@{HOST}"),
    "no queue": (f"celery@{HOST}", None, f"celery-{PID}@{HOST}"),
    "a name that was given": (f"mine@{HOST}", ["wire"], f"mine@{HOST}"),
    "a host that was given": ("celery@one.example", ["wire"], "celery@one.example"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_worker_has_a_name_that_no_other_has(case: str) -> None:
    given, queues, name = NAMES[case]
    worker: Any = SimpleNamespace(hostname=given)

    name_worker(sender=given, instance=worker, options={"queues": queues})

    assert worker.hostname == name
