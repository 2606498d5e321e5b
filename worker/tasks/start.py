"""What happens when a worker or a beat starts: the log, a last look before work begins, and the tasks of its queues."""

import logging
import os
from importlib import import_module
from multiprocessing import get_context
from typing import Any

from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready
from celery.utils.nodenames import default_nodename

from desk.reports.health.facts import ProcessKind
from worker.runtime.bell import DESK, WIRE
from worker.runtime.health.pulse import start_pulse
from worker.runtime.limits import resident_memory
from worker.runtime.logs import configure_logs
from worker.settings.load import load_settings

logger = logging.getLogger(__name__)

# The file with the tasks of each queue.
TASKS = {WIRE: "worker.tasks.wire", DESK: "worker.tasks.desk"}
# So many kilobytes more than its worker a child may have had; where a task took more, a new one takes its place.
MOST_ABOVE = 44 * 1024


@setup_logging.connect
def log(**_: Any) -> None:
    """Configure the log; Celery configures none where this signal has a receiver."""
    configure_logs()


@celeryd_init.connect
@beat_init.connect
def refuse_to_start(**_: Any) -> None:
    """End with exit status 2 where something is missing that no waiting would mend; that is said in sentences.

    A child looks, so that the memory that it takes for that ends with it.
    """
    looking = get_context("fork").Process(target=_look)
    looking.start()
    looking.join()
    if looking.exitcode:
        raise SystemExit(2)


def _look() -> None:
    # Only the child may import this: it needs as much as all that a beat does.
    from worker.admin.doctor.first_look import look  # noqa: PLC0415

    look()


@celeryd_init.connect
def name_worker(sender: str, instance: Any, options: dict[str, Any], **_: Any) -> None:
    """Name a worker that was given no name, as `wire-4711@host`; one that was given one keeps it.

    Celery names all workers of a host alike, and of those only one answers to `celery inspect`.
    """
    if sender == default_nodename(""):
        queues = "-".join(sorted(options.get("queues") or ("celery",)))
        instance.hostname = default_nodename(f"{queues}-{os.getpid()}@")


@celeryd_init.connect
def import_tasks(options: dict[str, Any], conf: Any, **_: Any) -> None:
    """Import the tasks of the queues that the worker listens to, so that it does not carry what others need.

    What a large mail or the library that draws charts takes ends with the child that had to do with it.
    """
    listens = [TASKS[queue] for queue in options.get("queues") or () if queue in TASKS]
    try:
        for tasks in listens or TASKS.values():
            import_module(tasks)
    except Exception:
        # Celery would go on without the tasks, and throw away each ring that it hears.
        logger.exception("The tasks cannot be imported")
        raise SystemExit(2) from None
    if resident := resident_memory():
        conf.worker_max_memory_per_child = resident // 1024 + MOST_ABOVE


@worker_ready.connect
def begin_pulse_of_worker(sender: Any, **_: Any) -> None:
    """Let a worker that takes tasks have a pulse; `sender` is its consumer."""
    start_pulse(load_settings(None, os.environ), ProcessKind.WORKER, tuple(sender.app.amqp.queues.consume_from))


@beat_init.connect
def begin_pulse_of_beat(**_: Any) -> None:
    """Let a beat have a pulse; one that may not start has ended before this."""
    start_pulse(load_settings(None, os.environ), ProcessKind.BEAT)
