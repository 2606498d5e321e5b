"""How long a customer waits: from APPEND to the ticket committed, and to the notifications taken by an SMTP server."""

import bisect
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from sqlalchemy import text

from bench.speed.mails import Mail, Recipe, mailbox
from bench.speed.report import table
from bench.speed.stage.desk import running_processes
from bench.speed.stage.servers import Desk, Stage, migrated_desk
from bench.speed.stage.sink import SinkLog, running_sink
from mail.imap.idle import watch_folder
from mail.imap.mailbox import open_mailbox
from worker.poll.watch import Stop
from worker.runtime.services import imap_server

REST_SECONDS = 120
# When the transaction that decided a mail was committed; nothing writes to this row again.
COMMITTED = """
SELECT l.message_id, extract(epoch FROM pg_xact_commit_timestamp(r.xmin))
FROM mail.reading r JOIN mail.ledger l ON l.id = r.ledger_id WHERE l.message_id = ANY(:ids)
"""
NOTICES = """
SELECT l.message_id, o.message_id FROM mail.outbox o JOIN mail.event e ON e.id = o.event_id
JOIN mail.ledger l ON l.id = e.cause WHERE l.message_id = ANY(:ids)
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds after APPEND of each mail, sorted: to the ticket, and to the last of its notifications at the server.

    `in_idle` is when the IMAP server told a client in IDLE of it, a lower bound for any client that waits for it.
    """

    what: str
    ticket: Sequence[float]
    notified: Sequence[float]
    in_idle: Sequence[float] = ()


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of the sorted values do not exceed."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))]


def measure(stage: Stage, seed: int, count: int) -> Iterator[Latency]:
    """Mails one at a time with watch, then, with polls by the clock alone, mails at any moment of some minutes."""
    mails = mailbox(seed, Recipe(count=count, label="latency"))
    yield _measure(stage, mails, "with watch", pause=0.7, watch=True)
    yield _measure(stage, mails, "without watch, polled every 60 s", pause=180 / count, watch=False)


def _measure(stage: Stage, mails: Sequence[Mail], what: str, *, pause: float, watch: bool) -> Latency:
    dice = random.Random(len(mails))  # noqa: S311
    with migrated_desk(stage, f"latency{watch:d}") as desk, running_sink(desk.folder, stage.smtp_port) as sink_log:
        with running_processes(desk, watch=watch), listening_in_idle(desk) as in_idle:
            sent = {mail.message_id: when for mail, when in _append_all(desk, mails, dice, pause)}
            _await_notices(desk, sent, sink_log)
        return _read_latency(desk, what, sent, sink_log, in_idle if watch else ())


@contextmanager
def listening_in_idle(desk: Desk) -> Iterator[Sequence[float]]:
    """Give the moments at which the IMAP server tells a client in IDLE that there are mails, as they come."""
    stop, in_idle = Stop(), list[float]()

    def listen() -> None:
        box = desk.services.settings.mailbox[0]
        for _ in watch_folder(imap_server(box, desk.services.limits), box.folder, stop.wake):
            in_idle.append(time.time())

    ear = Thread(target=listen, daemon=True)
    ear.start()
    try:
        yield in_idle
    finally:
        stop.request()
        ear.join(REST_SECONDS)


def _append_all(desk: Desk, mails: Sequence[Mail], dice: random.Random, pause: float) -> Iterator[tuple[Mail, float]]:
    with open_mailbox(imap_server(desk.services.settings.mailbox[0], desk.services.limits)) as inbox:
        for mail in mails:
            time.sleep(dice.uniform(0.5, 1.5) * pause)
            inbox.append("INBOX", mail.raw)
            yield mail, time.time()


def _await_notices(desk: Desk, sent: Mapping[str, float], sink_log: SinkLog) -> None:
    """Wait until every notification was taken, at most REST_SECONDS; what is missing then counts as infinite."""
    ends = time.monotonic() + REST_SECONDS
    while time.monotonic() < ends:
        notified = _read_notices(desk, sent)
        if (
            len({mail for mail, _ in notified}) == len(sent)
            and {ours for _, ours in notified} <= sink_log.times().keys()
        ):
            return
        time.sleep(0.5)


def _read_notices(desk: Desk, sent: Mapping[str, float]) -> list[tuple[str, str]]:
    with desk.services.engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(text(NOTICES), {"ids": list(sent)})]


def _read_latency(
    desk: Desk, what: str, sent: Mapping[str, float], sink_log: SinkLog, in_idle: Sequence[float]
) -> Latency:
    times = sink_log.times()
    last: dict[str, float] = {}
    for mail, ours in _read_notices(desk, sent):
        last[mail] = max(last.get(mail, 0.0), times.get(ours, float("inf")))
    with desk.services.engine.connect() as connection:
        committed = {row[0]: float(row[1]) for row in connection.execute(text(COMMITTED), {"ids": list(sent)})}
    never = float("inf")
    moments = [*in_idle, never]
    return Latency(
        what,
        sorted(committed.get(mail, never) - when for mail, when in sent.items()),
        sorted(last.get(mail, never) - when for mail, when in sent.items()),
        sorted(moments[bisect.bisect_left(moments, when)] - when for when in sent.values()) if in_idle else (),
    )


def tables(result: Sequence[Latency]) -> Iterator[str]:
    """Seconds after APPEND."""
    yield table(
        ("seconds after APPEND", "p50", "p95", "p99"),
        [
            (f"{what}, {one.what} ({len(values)} mails)", *(percentile(values, percent) for percent in (50, 95, 99)))
            for one in result
            for what, values in (
                ("until the IMAP server tells who is in IDLE", one.in_idle),
                ("to the ticket", one.ticket),
                ("to its notifications at the SMTP server", one.notified),
            )
            if values
        ],
    )
