"""What a mail of ours says of its sender: who wrote it, at the desk's own address; and by which server it goes."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.server import Security
from tests.support.database.services import (
    ADMIN,
    AGENT,
    SUPPORT,
    MakeServices,
    a_raw_mail,
    execute,
    query,
    store_in_ledger,
)
from worker.admin.doctor.run import smtp
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services
from worker.settings.servers import SmtpSettings

DUE = "UPDATE mail.event SET due_at = now() WHERE fate IS NULL"
SAYS = """
INSERT INTO "Comment" (id, content, "ticketId", "userId", "createdAt", "updatedAt")
SELECT 'c-' || u.email, 'We have looked into it.', t.ticket_id, u.id, now(), now() FROM mail.ticket t, "User" u
WHERE u.email = :email
"""


def senders(services: Services) -> Mapping[str, tuple[str, str]]:
    """The name and the address in From of the latest mail of each template."""
    execute(services, DUE)
    announce_due(services)
    mails = query(services, "SELECT * FROM mail.outbox ORDER BY id")
    return {mail["template"]: (mail["sender_name"], mail["sender"]) for mail in mails}


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_only_what_staff_wrote_bears_their_name(services: Services) -> None:
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services) == {
        "ticket-opened": ("SupportDesk", SUPPORT),
        "ticket-assigned": ("SupportDesk", SUPPORT),
        "comment-to-customer": ("Bob (SupportDesk)", SUPPORT),
    }


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_what_a_customer_wrote_does_not_bear_theirs(services: Services) -> None:
    execute(services, SAYS, email="ann@customer.example")

    assert senders(services)["comment-to-agent"] == ("SupportDesk", SUPPORT)


@pytest.mark.services(ADMIN, AGENT, a_raw_mail())
def test_a_name_that_staff_made_an_address_is_not_shown(services: Services) -> None:
    execute(services, "UPDATE \"User\" SET name = 'ceo@bank.example' WHERE email = 'bob@desk.example'")
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services)["comment-to-customer"] == ("SupportDesk", SUPPORT)


def test_the_pattern_of_the_mailbox_comes_before_that_of_the_desk(make_services: MakeServices) -> None:
    patterns = {"DESK__FROM_NAME": "{author}", "FROM_NAME": "{author} at {desk} Billing"}
    services = make_services(ADMIN, AGENT, a_raw_mail(), **patterns)
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services)["comment-to-customer"] == ("Bob at SupportDesk Billing", SUPPORT)


BILLING = "billing@desk.example"


def with_billing(services: Services, server: SmtpSettings | None = None) -> Services:
    """The services of a desk that polls billing@ as well."""
    (support,) = services.settings.mailbox
    boxes = (support, support.model_copy(update={"name": "billing", "address": BILLING, "smtp": server}))
    return replace(services, settings=services.settings.model_copy(update={"mailbox": boxes}))


def test_a_ticket_is_answered_from_the_mailbox_that_it_came_to(make_services: MakeServices) -> None:
    services = with_billing(make_services(ADMIN, AGENT))
    store_in_ledger(services, a_raw_mail(), box="billing")
    receive_due(services)
    execute(services, SAYS, email="bob@desk.example")

    assert senders(services) == {
        "ticket-opened": ("SupportDesk", BILLING),
        "ticket-assigned": ("SupportDesk", BILLING),
        "comment-to-customer": ("Bob (SupportDesk)", BILLING),
    }
    (reply_to,) = query(services, "SELECT reply_to FROM mail.outbox WHERE template = 'comment-to-customer'")
    assert str(reply_to["reply_to"]).startswith("billing+")


def test_a_ticket_of_a_mailbox_that_is_gone_is_answered_from_the_first(make_services: MakeServices) -> None:
    services = make_services(ADMIN, AGENT)
    store_in_ledger(services, a_raw_mail(), box="sales")
    receive_due(services)

    assert senders(services)["ticket-opened"] == ("SupportDesk", SUPPORT)


class Sink:
    """An SMTP server that keeps the senders and recipients of what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        sender = str(envelope.mail_from).partition("+")[0]
        self.taken += [(sender, str(recipient)) for recipient in envelope.rcpt_tos]
        return "250 taken"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def started(sink: Sink, port: int) -> Controller:
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    return controller


@pytest.fixture
def usual() -> Iterator[tuple[Sink, int]]:
    """The server of the desk, and its port."""
    sink, port = Sink(), free_port()
    controller = started(sink, port)
    yield sink, port
    controller.stop()


def desk_with_mails(make_services: MakeServices, port: int, own_port: int, *, to_billing: int) -> Services:
    """A desk whose billing@ has its own server, with so many mails there and then one at support@, all announced."""
    services = make_services(ADMIN, AGENT, SMTP__HOST="127.0.0.1", SMTP__PORT=str(port))
    own = SmtpSettings(host="127.0.0.1", port=own_port, security=Security.PLAIN)
    services = with_billing(services, own)
    for number in range(to_billing):
        headers = {"from": f"p{number}@customer.example", "message_id": f"<{number}@x.example>"}
        raw = a_raw_mail(f"Words {number}", **headers)
        store_in_ledger(services, raw, box="billing")
    store_in_ledger(services, a_raw_mail(message_id="<last@x.example>"))
    receive_due(services)
    execute(services, DUE)
    announce_due(services)
    return services


def test_each_mail_goes_by_the_server_of_its_mailbox(make_services: MakeServices, usual: tuple[Sink, int]) -> None:
    sink, port = usual
    own, own_port = Sink(), free_port()
    controller = started(own, own_port)
    services = desk_with_mails(make_services, port, own_port, to_billing=2)

    deliver_due(services)
    controller.stop()

    assert {sender for sender, _ in own.taken} == {"billing"}
    assert {sender for sender, _ in sink.taken} == {"support"}
    assert {"p0@customer.example", "p1@customer.example"} <= {recipient for _, recipient in own.taken}
    assert "ann@customer.example" in {recipient for _, recipient in sink.taken}


def test_a_server_that_is_away_keeps_no_mail_of_others_and_no_attempt_is_counted(
    make_services: MakeServices, usual: tuple[Sink, int]
) -> None:
    sink, port = usual
    own, own_port = Sink(), free_port()
    services = desk_with_mails(make_services, port, own_port, to_billing=11)

    deliver_due(services)

    assert {sender for sender, _ in sink.taken} == {"support"}
    waiting = query(
        services,
        "SELECT DISTINCT mailbox, attempts, tries, due_at > now() AS later FROM mail.outbox WHERE fate IS NULL",
    )
    assert waiting == [{"mailbox": "billing", "attempts": 0, "tries": 0, "later": True}]
    controller = started(own, own_port)
    execute(services, "UPDATE mail.outbox SET due_at = now() WHERE fate IS NULL")
    deliver_due(services)
    controller.stop()
    assert len(own.taken) == 22
    assert query(services, "SELECT 1 FROM mail.outbox WHERE fate IS DISTINCT FROM 'sent'") == []


def test_doctor_asks_each_server(make_services: MakeServices, usual: tuple[Sink, int]) -> None:
    _, port = usual
    services = desk_with_mails(make_services, port, free_port(), to_billing=0)

    findings = {finding.part: bool(finding.trouble) for finding in smtp(services)}

    assert findings == {"SMTP server": False, "SMTP server of mailbox billing": True}
