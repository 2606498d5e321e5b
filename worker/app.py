"""The Celery application: `supportdesk worker -Q wire` and `-Q desk`, and `celery -A worker.app beat`."""

import os
import sys
from datetime import timedelta
from typing import Any

from celery import Celery

from worker.runtime.bell import QUEUES
from worker.runtime.clock import now
from worker.settings.load import ConfigFailure, load_settings
from worker.settings.model import Settings

# How often the sweeps look for work that no bell was heard for, in seconds.
SWEEPS = {
    "receive": 10.0,
    "announce": 5.0,
    "deliver": 10.0,
    "report": 10.0,
    "digest": 900.0,
    "reconcile": 600.0,
    "watchman": 30.0,
    "retention": 3600.0,
    "index": 5.0,
}
TASK_LIMIT_SECONDS = 600


def make_app(settings: Settings) -> Celery:
    """Make the application; the broker is spoken to when a worker, a beat or a bell needs it."""
    app = Celery("supportdesk", include=["worker.tasks.start"])
    app.conf.update(
        broker_url=settings.broker.url.get_secret_value(),
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": settings.broker.visibility_timeout,
            # Without these two a killed worker's task comes back some 100 s late.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "global_keyprefix": "supportdesk:",
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        task_ignore_result=True,
        task_acks_late=True,
        # The sweep is the redelivery: a task that killed its worker would kill the next one at once.
        task_reject_on_worker_lost=False,
        task_time_limit=min(TASK_LIMIT_SECONDS, settings.broker.visibility_timeout // 2),
        task_routes={task: {"queue": queue} for task, queue in QUEUES.items()},
        # A finished task is acknowledged after a reconnect; stopping it would leave it unacknowledged for an hour.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        worker_hijack_root_logger=False,
        worker_soft_shutdown_timeout=20,
        timezone="UTC",
        enable_utc=True,
        beat_schedule=schedule(settings),
        # The schedule is in the settings, so it needs no file of its own.
        beat_scheduler="worker.runtime.beat:BoundedScheduler",
    )
    return app


def schedule(settings: Settings) -> dict[str, dict[str, object]]:
    """Beat's schedule: each sweep, and a poll for each mailbox, in Celery's form."""
    sweeps = {f"sweep {task}": _entry(task, seconds) for task, seconds in SWEEPS.items()}
    polls = {f"poll {box.name}": _entry("poll", box.poll_every_seconds, box.name) for box in settings.mailbox}
    # One after the other over their interval, as hundreds of polls at one moment would queue up.
    started = now()
    for place, entry in enumerate(polls.values(), start=1):
        entry["last_run_at"] = started - timedelta(seconds=entry["schedule"] * place / len(polls))
    return {**sweeps, **polls}


def _entry(task: str, seconds: float, *arguments: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "args": arguments, "options": {"queue": QUEUES[task]}}


def _load_or_exit() -> Settings:
    try:
        return load_settings(None, os.environ)
    except ConfigFailure as failure:
        print(failure, file=sys.stderr)  # noqa: T201  the process ends here, before there is a log
        raise SystemExit(2) from None


app = make_app(_load_or_exit())
