"""The outbox is sent through a real SMTP conversation, each mail once, and trouble is kept apart."""

import email
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from desk.facts import Deliver
from desk.gate import verdict as gate
from mail.outbound.compose import Outgoing, compose
from mail.smtp.connection import Connection
from models.db.claims import MOST_TRIES
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query
from worker.announce.run import announce_due
from worker.deliver import compose as packing
from worker.deliver.run import deliver_due
from worker.runtime.services import Services


class Sink:
    """An SMTP server's answers, as the test sets them; it keeps what it took."""

    def __init__(self) -> None:
        self.refusals: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address not in self.refusals:
            envelope.rcpt_tos.append(address)
        return self.refusals.get(address, "250 fine")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get(envelope.rcpt_tos[0], "250 taken")
        if answer.startswith("250"):
            self.taken.append(envelope)
        return answer

    def mail_to(self, address: str) -> EmailMessage:
        """The mail that this address got."""
        content = next(envelope.content for envelope in self.taken if envelope.rcpt_tos == [address])
        assert isinstance(content, bytes)
        return email.message_from_bytes(content, policy=policy.default)


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def controller(sink: Sink) -> Iterator[Controller]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    yield controller
    # A test may have stopped it.
    with suppress(AssertionError):
        controller.stop()


@pytest.fixture
def services(make_services: MakeServices, controller: Controller) -> Services:
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(controller.port)}
    return make_services(ADMIN, AGENT, a_raw_mail(), **smtp)


def outbox(services: Services, recipient: str) -> dict[str, object]:
    return query(services, "SELECT * FROM mail.outbox WHERE recipient = :to ORDER BY id", to=recipient)[0]


def test_each_mail_is_sent_once_and_the_answer_kept(services: Services, sink: Sink) -> None:
    deliver_due(services)
    deliver_due(services)

    assert sorted(str(envelope.rcpt_tos[0]) for envelope in sink.taken) == ["ann@customer.example", "bob@desk.example"]
    row = outbox(services, "ann@customer.example")
    assert (row["fate"], row["reason"], row["attempts"]) == ("sent", "250 taken", 1)


def test_the_headers_thread_and_say_that_no_person_wrote_it(services: Services, sink: Sink) -> None:
    deliver_due(services)

    row, mail = outbox(services, "ann@customer.example"), sink.mail_to("ann@customer.example")
    assert mail["Message-ID"] == f"<{row['message_id']}>"
    assert (mail["In-Reply-To"], mail["References"]) == ("<1@customer>", "<1@customer>")
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Reply-To"] == row["reply_to"]
    assert str(mail["Reply-To"]).startswith("support+")


def test_a_temporary_answer_waits_in_the_row_and_keeps_the_message_id(services: Services, sink: Sink) -> None:
    sink.answers["ann@customer.example"] = "451 come back later"
    deliver_due(services)
    waiting = outbox(services, "ann@customer.example")
    sink.answers.clear()
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")

    deliver_due(services)

    assert (waiting["fate"], waiting["attempts"]) == (None, 1)
    assert "451" in str(waiting["error"])
    assert sink.mail_to("ann@customer.example")["Message-ID"] == f"<{waiting['message_id']}>"
    assert outbox(services, "ann@customer.example")["attempts"] == 2


def test_the_next_attempt_is_a_minute_away_after_the_first(services: Services, sink: Sink) -> None:
    sink.answers["ann@customer.example"] = "451 come back later"

    deliver_due(services)

    found = query(services, "SELECT due_at - now() AS wait FROM mail.outbox WHERE fate IS NULL")[0]
    assert 50 < found["wait"].total_seconds() <= 60


def test_a_refusal_for_good_fails_visibly_on_the_ticket(services: Services, sink: Sink) -> None:
    sink.answers["ann@customer.example"] = "550 no such person"

    deliver_due(services)

    row = outbox(services, "ann@customer.example")
    assert row["fate"] == "failed"
    assert "550" in str(row["reason"])
    assert "did not reach ann@customer.example" in query(services, "SELECT text FROM mail.note")[0]["text"]


def test_a_mail_is_given_up_after_five_days(services: Services, sink: Sink) -> None:
    sink.answers["ann@customer.example"] = "451 come back later"
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '6 days'")

    deliver_due(services)

    assert outbox(services, "ann@customer.example")["fate"] == "failed"


def test_a_server_that_is_away_counts_against_no_mail(services: Services, controller: Controller) -> None:
    controller.stop()

    run_of = deliver_due(services)

    row = outbox(services, "ann@customer.example")
    assert (run_of.done, row["fate"], row["attempts"], row["tries"], row["claimed_by"]) == (0, None, 0, 0, None)


def test_the_gate_is_asked_again_when_the_mail_is_sent(services: Services, sink: Sink) -> None:
    execute(
        services, "INSERT INTO mail.suppression (address, reason) VALUES ('ann@customer.example', 'asked us to stop')"
    )

    deliver_due(services)

    assert outbox(services, "ann@customer.example")["fate"] == "held"
    assert [envelope.rcpt_tos for envelope in sink.taken] == [["bob@desk.example"]]


def test_an_agent_who_left_meanwhile_gets_nothing(services: Services, sink: Sink) -> None:
    execute(services, "DELETE FROM mail.staff WHERE email = 'bob@desk.example'")

    deliver_due(services)

    assert outbox(services, "bob@desk.example")["fate"] == "held"
    assert [envelope.rcpt_tos for envelope in sink.taken] == [["ann@customer.example"]]


def test_the_attempt_is_recorded_before_it_is_made(
    services: Services, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real = Connection.send

    def send(connection: Connection, sender: str, recipient: str, message: bytes, seconds: float) -> object:
        seen.append(outbox(services, recipient)["attempts"])
        return real(connection, sender, recipient, message, seconds)

    monkeypatch.setattr(Connection, "send", send)
    deliver_due(services)

    assert seen == [1, 1]


def test_a_mail_that_cannot_be_put_together_fails_after_three_tries_and_the_others_go(
    services: Services, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = compose

    def broken(outgoing: Outgoing) -> bytes:
        return real(outgoing) if outgoing.recipient == "bob@desk.example" else bytes(1 // 0)

    monkeypatch.setattr(packing, "compose", broken)
    for _ in range(MOST_TRIES):
        deliver_due(services)
        execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")

    assert outbox(services, "ann@customer.example")["fate"] == "failed"
    assert outbox(services, "bob@desk.example")["fate"] == "sent"


@pytest.mark.parametrize(
    ("step", "refusal", "days"),
    [
        ("RCPT", "550 5.1.1 no such person", [30]),
        ("RCPT", "550 5.1.0 it cannot be reached", [30]),
        ("RCPT", "552 5.2.2 full", []),
        ("RCPT", "550 5.7.1 not you", []),
        ("DATA", "550 5.1.1 who is that in this header?", []),
    ],
)
def test_only_an_address_that_does_not_exist_is_suppressed(
    services: Services, sink: Sink, step: str, refusal: str, days: list[int]
) -> None:
    (sink.refusals if step == "RCPT" else sink.answers)["ann@customer.example"] = refusal

    deliver_due(services)

    listed = query(
        services, "SELECT round(extract(epoch FROM expires_at - now()) / 86400) AS days FROM mail.suppression"
    )
    assert [entry["days"] for entry in listed] == days
    assert outbox(services, "ann@customer.example")["fate"] == "failed"


def test_admins_are_told_when_somebody_of_staff_has_no_such_address(services: Services, sink: Sink) -> None:
    sink.refusals["bob@desk.example"] = "550 5.1.1 no such person"

    deliver_due(services)
    announce_due(services)

    alert = query(services, "SELECT recipient, text FROM mail.outbox WHERE template = 'alert'")[0]
    assert alert["recipient"] == "ada@desk.example"
    assert "bob@desk.example" in alert["text"]


def test_the_assignee_is_told_once_that_a_customer_was_not_reached(services: Services, sink: Sink) -> None:
    sink.answers["ann@customer.example"] = "550 no such person"

    for _ in range(3):
        deliver_due(services)
        announce_due(services)

    assert len(query(services, "SELECT 1 FROM mail.note")) == 1
    told = query(services, "SELECT recipient, fate FROM mail.outbox WHERE template = 'note-to-agent'")
    assert told == [{"recipient": "bob@desk.example", "fate": "sent"}]


def test_a_failed_mail_to_staff_makes_no_note_and_so_no_loop(services: Services, sink: Sink) -> None:
    sink.answers |= dict.fromkeys(("ann@customer.example", "bob@desk.example", "ada@desk.example"), "550 go away")

    for _ in range(4):
        deliver_due(services)
        announce_due(services)

    assert len(query(services, "SELECT 1 FROM mail.note")) == 1
    # The admins are told once that nobody may have seen the ticket; that mail is refused as well, and makes no other.
    written = query(services, "SELECT template FROM mail.outbox ORDER BY id")
    assert [row["template"] for row in written] == ["ticket-opened", "ticket-assigned", "note-to-agent", "alert"]


def test_no_mail_is_sent_without_a_verdict_of_that_attempt(
    services: Services, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = gate.verdict

    def verdict(facts: gate.GateFacts, deliver: Deliver) -> gate.Verdict:
        asked.append(facts.recipient)
        return real(facts, deliver)

    monkeypatch.setattr(gate, "verdict", verdict)
    sink.answers["ann@customer.example"] = "451 come back later"
    deliver_due(services)
    sink.answers.clear()
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    deliver_due(services)

    assert sorted(asked) == ["ann@customer.example", "ann@customer.example", "bob@desk.example"]
    assert query(services, "SELECT sum(attempts) AS n FROM mail.outbox")[0]["n"] == len(asked)


@pytest.mark.parametrize("objection", [gate.Withhold("no"), gate.Defer(datetime(2099, 1, 1, tzinfo=UTC), "not now")])
def test_what_the_gate_objects_to_is_never_sent(
    services: Services, sink: Sink, monkeypatch: pytest.MonkeyPatch, objection: gate.Objection
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(gate, "verdict", lambda *_: objection)
        deliver_due(services)

    deliver_due(services)

    assert sink.taken == []
    row = outbox(services, "ann@customer.example")
    assert (row["reason"], row["attempts"], row["claimed_by"]) == (objection.reason, 0, None)
