"""One log for our lines and Celery's: JSON for machines, plain lines where a person looks on."""

import logging
import sys

import structlog
from celery.signals import task_postrun, task_prerun

QUIETER = ("alembic", "kombu", "amqp", "celery.beat", "celery.worker.strategy", "celery.app.trace")


def configure_logs(level: int = logging.INFO) -> None:
    """Send everything to standard error; control characters of subjects and addresses arrive escaped."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    onlooker = sys.stderr.isatty()
    render: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if onlooker else structlog.processors.JSONRenderer()
    )
    last: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    last += [] if onlooker else [structlog.processors.format_exc_info]
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[*last, render], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These speak of every step and every sweep; among their lines nobody would find a mail's fate.
    for name in QUIETER:
        logging.getLogger(name).setLevel(logging.WARNING)


@task_prerun.connect
def bind_task(task_id: str, task: object, **_: object) -> None:
    """Add id and name of the task to each line that it logs."""
    structlog.contextvars.bind_contextvars(task_id=task_id, task=getattr(task, "name", ""))


@task_postrun.connect
def unbind_task(**_: object) -> None:
    """Remove id and name of the task from the context when it has ended."""
    structlog.contextvars.clear_contextvars()
