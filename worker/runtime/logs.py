"""One log for our lines and Celery's: JSON for machines, plain lines where a person looks on."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from celery.signals import task_postrun, task_prerun

QUIETER = ("alembic", "kombu", "amqp", "celery.beat", "celery.worker.strategy", "celery.app.trace", "imapclient")
# What every record has; whatever else it has was given as `extra`.
_USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_NO_TASK: Final[dict[str, object]] = {}
_TASK: ContextVar[dict[str, object]] = ContextVar("task", default=_NO_TASK)


class JsonLines(logging.Formatter):
    """A line is a JSON object: `event` is the sentence, then the task, what the caller added, and where and when."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII, in which control characters are escaped."""
        return json.dumps(self.fields(record), default=repr)

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """What the line says, by name, in its order."""
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        when = datetime.fromtimestamp(record.created, UTC)
        fields = {"event": record.getMessage()} | _TASK.get() | extra
        fields |= {
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": f"{when:%Y-%m-%dT%H:%M:%S.%fZ}",
        }
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack_info"] = record.stack_info
        return fields


class PlainLines(JsonLines):
    """A line is a sentence after its time and level, and before its fields; a traceback stands below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, in which control characters are escaped, so that none of a mail's reaches the terminal."""
        fields = self.fields(record)
        event, logger, level, when = (fields.pop(name) for name in ("event", "logger", "level", "timestamp"))
        below = str(fields.pop("exception", "")).splitlines()
        further = [f"{name}={value}" for name, value in fields.items()]
        line = " ".join((f"{when} [{level}] {event} [{logger}]", *further))
        return "\n".join(map(_visible, (line, *below)))


def configure_logs(level: int = logging.INFO) -> None:
    """Send everything to standard error; control characters of subjects and addresses arrive escaped."""
    handler = logging.StreamHandler()
    handler.setFormatter(PlainLines() if sys.stderr.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These speak of every step and every sweep; among their lines nobody would find a mail's fate.
    for name in QUIETER:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_fate(logger: logging.Logger, row: str, fate: str, ticket: int | None, **fields: object) -> None:
    """Say in one line what became of a row, and of which ticket it is, where it is of one."""
    about = "" if ticket is None else f", SD-{ticket}"
    logger.info("%s: %s%s", row, fate, about, extra=fields | ({} if ticket is None else {"ticket": ticket}))


@task_prerun.connect
def bind_task(task_id: str, task: object, **_: object) -> None:
    """Add id and name of the task to each line that it logs."""
    _TASK.set({"task_id": task_id, "task": getattr(task, "name", "")})


@task_postrun.connect
def unbind_task(**_: object) -> None:
    """Remove id and name of the task from the context when it has ended."""
    _TASK.set(_NO_TASK)


def _visible(line: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
