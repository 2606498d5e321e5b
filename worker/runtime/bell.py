"""The doorbell: tells a worker that there is work, which is in the database whether the bell is heard or not."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

WIRE, DESK = "wire", "desk"

# Each task with the queue that its worker listens on: `wire` waits on servers, `desk` computes.
QUEUES: dict[str, str] = {
    "poll": WIRE,
    "deliver": WIRE,
    "reconcile": WIRE,
    "receive": DESK,
    "announce": DESK,
    "report": DESK,
    "digest": DESK,
    "watchman": DESK,
    "retention": DESK,
    "index": DESK,
}


def ring(task: str, *arguments: str) -> None:
    """Send a task to its queue; where the broker does not take it this is logged, and the next sweep finds the work."""
    try:
        current_app.send_task(task, arguments, queue=QUEUES[task], retry=False)
    except OperationalError as error:
        logger.warning("The broker did not take the ring for %s: %s", task, error)
