"""An outgoing server that refuses us, and not a mail: the mails wait, the admins are told once, nothing fails."""

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query
from worker.admin.doctor.run import outgoing
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.runtime.services import Services

QUOTA = "550 5.4.5 Daily user sending limit exceeded"
STEPS = ("MAIL", "RCPT", "DATA")
REFUSALS = [
    ("MAIL", QUOTA),
    ("MAIL", "550 no"),
    ("MAIL", "553 5.7.1 Sender address rejected: not owned by user support"),
    ("RCPT", QUOTA),
    ("RCPT", "554 5.7.1 Relay access denied"),
    ("RCPT", "550 5.1.8 your domain does not exist"),
    ("RCPT", "530 5.7.0 Authentication required"),
    ("DATA", QUOTA),
    ("DATA", "554 5.7.0 limit on the number of allowed outgoing messages was exceeded. Try again later"),
    ("DATA", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    ("DATA", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP"),
    ("DATA", "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException"),
]


class Refusing:
    """An SMTP server that answers a step of every transaction as the test says; it keeps what it took."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.taken: list[str] = []

    async def handle_MAIL(  # noqa: N802  aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" not in self.answers:
            envelope.mail_from = address
        return self.answers.get("MAIL", "250 fine")

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 fine")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" not in self.answers:
            self.taken += map(str, envelope.rcpt_tos)
        return self.answers.get("DATA", "250 taken")


@pytest.fixture
def refusing() -> Refusing:
    return Refusing()


@pytest.fixture
def services(make_services: MakeServices, refusing: Refusing) -> Iterator[Services]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(refusing, hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    yield make_services(ADMIN, AGENT, a_raw_mail(), SMTP__HOST="127.0.0.1", SMTP__PORT=str(port))
    controller.stop()


def an_hour_later(services: Services) -> None:
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    announce_due(services)
    deliver_due(services)


def test_a_refusal_of_us_fails_no_mail_and_tells_the_admins_once(services: Services, refusing: Refusing) -> None:
    refusing.answers["MAIL"] = QUOTA

    deliver_due(services)
    for _ in range(5):
        an_hour_later(services)

    rows = query(services, "SELECT template, fate, attempts, tries, reason FROM mail.outbox ORDER BY id")
    assert [(row["fate"], row["attempts"], row["tries"], row["reason"]) for row in rows] == [
        (None, 0, 0, "sender refused")
    ] * 3
    assert [row["template"] for row in rows].count("alert") == 1
    assert query(services, "SELECT 1 FROM mail.note UNION ALL SELECT 1 FROM mail.suppression") == []


@pytest.mark.parametrize(("step", "answer"), REFUSALS)
def test_after_the_fault_is_mended_every_mail_goes_out(
    services: Services, refusing: Refusing, step: str, answer: str
) -> None:
    refusing.answers[step] = answer
    deliver_due(services)
    an_hour_later(services)
    execute(services, "UPDATE mail.outbox SET written_at = written_at - interval '6 days'")
    an_hour_later(services)
    refusing.answers.clear()

    an_hour_later(services)

    assert {row["fate"] for row in query(services, "SELECT fate FROM mail.outbox")} == {"sent"}
    assert sorted(refusing.taken) == ["ada@desk.example", "ann@customer.example", "bob@desk.example"]


def test_such_a_mail_waits_an_hour(services: Services, refusing: Refusing) -> None:
    refusing.answers["DATA"] = QUOTA

    deliver_due(services)

    waits = query(services, "SELECT due_at - now() AS wait FROM mail.outbox WHERE error IS NOT NULL")
    assert [3500 < row["wait"].total_seconds() <= 3600 for row in waits] == [True, True]


def test_a_second_such_fault_is_told_again(services: Services, refusing: Refusing) -> None:
    refusing.answers["MAIL"] = QUOTA
    deliver_due(services)
    refusing.answers.clear()
    an_hour_later(services)
    an_hour_later(services)
    execute(services, "UPDATE mail.outbox SET fate = NULL, reason = NULL WHERE recipient = 'ann@customer.example'")
    refusing.answers["MAIL"] = QUOTA

    an_hour_later(services)
    an_hour_later(services)

    assert len(query(services, "SELECT 1 FROM mail.outbox WHERE template = 'alert'")) == 2


def test_the_size_of_a_mail_is_its_own_fault_also_at_mail_from(services: Services, refusing: Refusing) -> None:
    refusing.answers["MAIL"] = "552 5.3.4 Message size exceeds fixed limit"

    deliver_due(services)

    assert {row["fate"] for row in query(services, "SELECT fate FROM mail.outbox")} == {"failed"}


@pytest.mark.parametrize(("answer", "fate"), [("451 4.7.0 sending limit reached", None), ("451 later", "failed")])
def test_a_limit_that_lasts_five_days_gives_up_no_mail(
    services: Services, refusing: Refusing, answer: str, fate: str | None
) -> None:
    refusing.answers["DATA"] = answer
    execute(services, "UPDATE mail.outbox SET written_at = now() - interval '6 days'")

    deliver_due(services)

    assert {row["fate"] for row in query(services, "SELECT fate FROM mail.outbox WHERE template <> 'alert'")} == {fate}


def test_the_doctor_says_it_while_it_lasts(services: Services, refusing: Refusing) -> None:
    (well,) = outgoing(services)
    refusing.answers["MAIL"] = QUOTA
    deliver_due(services)
    (ill,) = outgoing(services)
    refusing.answers.clear()
    an_hour_later(services)

    (mended,) = outgoing(services)

    assert (well.trouble, mended.trouble) == ("", "")
    assert "2 mails wait" in ill.trouble
    assert "Daily user sending limit exceeded" in ill.trouble
