"""A worker sends nothing beyond its claim: neither what another took over, nor what it has no time left for."""

import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from mail.smtp.connection import Sent
from models.db.claims import Claimed, Lanes
from tests.support.database.services import AGENT, MakeServices, a_raw_mail, execute, query
from worker.deliver import lines
from worker.deliver.run import deliver_due
from worker.runtime import queue_run
from worker.runtime.queue_run import WorkQueue
from worker.runtime.services import Services

TAKE_OVER = "UPDATE mail.outbox SET claimed_by = gen_random_uuid() WHERE id {} (SELECT min(id) FROM mail.outbox)"


@dataclass(frozen=True, slots=True)
class Thief:
    """A connection that takes every mail; at the first one, another worker takes a claim over."""

    services: Services
    which: str
    sent: list[str] = field(default_factory=list)

    def send(self, sender: str, recipient: str, message: bytes, seconds: float) -> Sent:
        if not self.sent:
            execute(self.services, TAKE_OVER.format(self.which))
        self.sent.append(recipient)
        return Sent(250, "taken")


# There are two mails to send.
pytestmark = pytest.mark.services(AGENT, a_raw_mail())


@pytest.mark.parametrize(("which", "sent", "fates"), [("=", 2, [None, "sent"]), (">", 1, ["sent", None])])
def test_what_another_worker_took_over_is_not_begun_and_its_fate_is_not_ours_to_write(
    services: Services, monkeypatch: pytest.MonkeyPatch, which: str, sent: int, fates: list[str | None]
) -> None:
    thief = Thief(services, which)
    monkeypatch.setattr(lines, "open_smtp", contextmanager(lambda *_, **__: iter([thief])))

    deliver_due(services)

    assert len(thief.sent) == sent
    assert [row["fate"] for row in query(services, "SELECT fate FROM mail.outbox ORDER BY id")] == fates


@dataclass(frozen=True, slots=True)
class Slow:
    """A connection that takes so many seconds for each mail."""

    seconds: float

    def send(self, sender: str, recipient: str, message: bytes, seconds: float) -> Sent:
        time.sleep(self.seconds)
        return Sent(250, "taken")


@pytest.mark.parametrize(("seconds", "batches"), [(0.0, 1), (1.2, 2)])
def test_a_mail_is_not_begun_when_less_of_the_claim_is_left_than_its_steps_may_take(
    make_services: MakeServices, monkeypatch: pytest.MonkeyPatch, seconds: float, batches: int
) -> None:
    limits = {"LIMITS__DELIVERY_LEASE_SECONDS": "6", "LIMITS__STEP_SECONDS": "1"}
    services = make_services(AGENT, a_raw_mail(), **limits)
    claims: list[int] = []
    real = queue_run.claim_some

    def claim_some(work_queue: WorkQueue, most: int, lanes: Lanes | None) -> Claimed:
        claimed = real(work_queue, most, lanes)
        claims.extend([len(claimed.ids)] if claimed.ids else [])
        return claimed

    monkeypatch.setattr(queue_run, "claim_some", claim_some)
    monkeypatch.setattr(lines, "open_smtp", contextmanager(lambda *_, **__: iter([Slow(seconds)])))
    deliver_due(services)
    fates = [row["fate"] for row in query(services, "SELECT fate FROM mail.outbox")]

    assert (fates, len(claims)) == (["sent", "sent"], batches)
