"""How fast the outbox is delivered: notices that wait, sent by the shipped workers to an SMTP server that takes all."""

import smtplib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from bench.speed.check import check_taken
from bench.speed.mails import Mail
from bench.speed.meter import cpu_between, cpu_seconds
from bench.speed.report import table
from bench.speed.sections.steps import run_step
from bench.speed.sections.throughput import POLL_DAILY
from bench.speed.stage.desk import running_processes
from bench.speed.stage.servers import Desk, Stage, append_mails, migrated_desk
from bench.speed.stage.sink import SinkLog, running_sink
from models.outbox.delivery import read_outbox_mail
from worker.deliver.compose import ready_mail
from worker.runtime.bell import ring
from worker.runtime.transaction import transaction

DEADLINE_SECONDS = 900
WAITING = "SELECT count(*) FROM mail.outbox WHERE fate IS NULL"
OURS = "SELECT id, message_id FROM mail.outbox WHERE fate IS NULL ORDER BY id"
HELD = "UPDATE mail.outbox SET due_at = now() + interval '1 hour' WHERE fate IS NULL"
DUE = "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL"
SENT = "SELECT message_id FROM mail.outbox WHERE fate = 'sent'"


@dataclass(frozen=True, slots=True)
class Delivery:
    """So many notices: seconds for bare smtplib, seconds for the desk, its CPU seconds, and those that did not come."""

    notices: int
    bare: float
    seconds: float
    cpu: float
    missing: int
    wrong: Sequence[str]

    @property
    def sound(self) -> bool:
        """Whether every notice came, once and as it should."""
        return not self.missing and not self.wrong


def measure(stage: Stage, mails: Sequence[Mail]) -> Delivery:
    """Let the mails become notices with nobody to take them, then open the SMTP server and let the workers send."""
    with migrated_desk(stage, "delivery", POLL_DAILY) as desk:
        append_mails(desk, mails)
        for name in ("poll", "intake", "announce"):
            run_step(desk, name)
        with running_sink(desk.folder, stage.smtp_port) as sink_log:
            waiting = _read_waiting(desk)
            bare = _send_without_desk(stage, [raw for _, raw in waiting])
            before = sink_log.lines()
            # No mail may be sent before all workers have started.
            _change(desk, HELD)
            with running_processes(desk):
                return _let_workers_send(desk, sink_log, before, bare, {message_id for message_id, _ in waiting})


def _read_waiting(desk: Desk) -> list[tuple[str, bytes]]:
    """The Message-ID and the bytes of each mail that waits in the outbox."""
    with transaction(desk.services.engine) as session:
        rows = session.execute(text(OURS)).all()
        return [(row[1], ready_mail(session, desk.services, read_outbox_mail(session, row[0])).message) for row in rows]


def _send_without_desk(stage: Stage, mails: Sequence[bytes]) -> float:
    """The floor: seconds to send the same composed mails over one connection, without any record of it."""
    began = time.monotonic()
    with smtplib.SMTP("127.0.0.1", stage.smtp_port) as connection:
        for mail in mails:
            connection.sendmail("bench@desk.example", ["bench@customer.example"], mail)
    return time.monotonic() - began


def _let_workers_send(desk: Desk, sink_log: SinkLog, before: int, bare: float, ours: set[str]) -> Delivery:
    cpu = cpu_seconds()
    _change(desk, DUE)
    ring("deliver")
    ends = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < ends and desk.count(WAITING):
        time.sleep(0.25)
    used = sum(cpu_between(cpu, cpu_seconds()).values())
    came = sink_log.since(before)
    with desk.services.engine.connect() as connection:
        sent = set(connection.execute(text(SENT)).scalars())
    missing = len(ours) - len(ours & sent & came.keys())
    wrong = check_taken(desk.services, sink_log.mails()[before:])
    return Delivery(len(ours), bare, max(came.values()) - min(came.values()), used, missing, wrong)


def _change(desk: Desk, statement: str) -> None:
    with desk.services.engine.begin() as connection:
        connection.execute(text(statement))


def tables(result: Delivery) -> Iterator[str]:
    """Notices a second beside the floor, and what one costs."""
    yield table(
        ("", "notices a second", "against the floor"),
        [
            ("floor: smtplib, one connection, packed before", result.notices / result.bare, 1.0),
            ("the desk, one worker on the queue `wire`", result.notices / result.seconds, result.bare / result.seconds),
        ],
    )
    yield f"{result.notices:,} notices; {1000 * result.cpu / result.notices:.1f} ms CPU each, of all processes."
    if result.sound:
        yield "Each of them was taken once, by its recipient's address, with our bytes."
    else:
        yield "\n".join([f"**{result.missing} of them were not taken.**", "", *result.wrong[:10]])
