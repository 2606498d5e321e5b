"""Beat's scheduler: it rings no bell whose queue is full of rings that nobody has heard."""

import logging
from typing import Any

from amqp.exceptions import ChannelError
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from worker.runtime.bell import QUEUES

logger = logging.getLogger(__name__)

# Each ring stands for all work there is, so more in a queue only cost time when a worker is there again.
MOST_WAITING = 500


class BoundedScheduler(Scheduler):
    """Celery's scheduler with a bound on what waits in a queue.

    A date on each ring, after which it is dropped, would bound it as well, but workers compare that with their own
    clock: one that is a minute ahead would drop them all.
    """

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send the ring unless `MOST_WAITING` rings wait in its queue; where the broker is away, Celery says so."""
        queue = QUEUES[str(entry.task)]
        if waiting(self.app, queue) < MOST_WAITING:
            super().apply_entry(entry, producer=producer)
        else:
            logger.warning(
                "The queue %s is full: no worker listens to it. Start `supportdesk worker -Q %s`.", queue, queue
            )


def waiting(app: Celery, queue: str) -> int:
    """How many messages wait in a queue; 0 where it is not there yet or the broker does not say."""
    with app.connection_for_write() as connection:
        # Not the default channel, for which kombu would wait until the broker is there.
        try:
            channel: Any = connection.channel()
            return int(channel.queue_declare(queue, passive=True).message_count)
        except (KombuError, RedisError, ChannelError, OSError):
            return 0
