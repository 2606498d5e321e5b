"""The child of a worker that took much more memory than its worker is replaced; ordinary work is no reason."""

from types import SimpleNamespace

import pytest

from worker.tasks import start

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(("resident", "limits"), [(60 * MEGABYTE, [104 * 1024]), (None, [])])
def test_the_limit_of_a_child_is_told_from_what_its_worker_has(
    monkeypatch: pytest.MonkeyPatch, resident: int | None, limits: list[int]
) -> None:
    monkeypatch.setattr(start, "import_module", lambda _: None)
    monkeypatch.setattr(start, "resident_memory", lambda: resident)
    conf = SimpleNamespace()

    start.import_tasks({"queues": ["wire"]}, conf)

    # In kilobytes.
    assert list(vars(conf).items()) == [("worker_max_memory_per_child", limit) for limit in limits]
