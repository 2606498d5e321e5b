"""A mail to staff that is refused for its content: once more without the customer's words, then to the admins."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query
from tests.support.values.replies import answer, last_mail, mails_to
from worker.announce.run import announce_due
from worker.deliver.run import deliver_due
from worker.runtime.services import Services

SPAM = "550 5.7.1 Message rejected as spam by content filtering"
VIRUS = "554 5.7.1 The message contains a virus"
REFUSALS = (SPAM, VIRUS, "550 no", "554 transaction failed", "552 5.3.4 too large", "550 5.6.1 media not supported")
WORDS = "Buy cheap pills at once."
ADA, BOB = "ada@desk.example", "bob@desk.example"


class Filter:
    """An SMTP server that refuses mails with the word in them, and all mails to those in `closed`."""

    def __init__(self) -> None:
        self.answer = SPAM
        self.word = b"pills"
        self.closed: set[str] = set()
        self.taken: list[tuple[str, bytes]] = []
        self.asked: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content, recipient = envelope.content, str(envelope.rcpt_tos[0])
        assert isinstance(content, bytes)
        self.asked.append(recipient)
        if recipient in self.closed or self.word in content:
            return self.answer
        self.taken.append((recipient, content))
        return "250 taken"

    def content_to(self, recipient: str) -> list[bytes]:
        return [content for reader, content in self.taken if reader == recipient]


@pytest.fixture
def spam_filter() -> Filter:
    return Filter()


@pytest.fixture
def services(make_services: MakeServices, spam_filter: Filter) -> Iterator[Services]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(spam_filter, hostname="127.0.0.1", port=port, server_hostname="sink.example")
    controller.start()
    mail = a_raw_mail(WORDS, subject="Cheap pills")
    yield make_services(ADMIN, AGENT, mail, SMTP__HOST="127.0.0.1", SMTP__PORT=str(port))
    controller.stop()


def rounds(services: Services, times: int = 4) -> None:
    for _ in range(times):
        deliver_due(services)
        announce_due(services)


def alerts(services: Services) -> list[dict[str, Any]]:
    return query(services, "SELECT * FROM mail.outbox WHERE template = 'alert'")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_it_goes_once_more_without_the_customers_words(services: Services, spam_filter: Filter, refusal: str) -> None:
    spam_filter.answer = refusal

    rounds(services)

    (content,) = spam_filter.content_to(BOB)
    assert b"pills" not in content
    assert b"they are in the ticket" in content
    assert last_mail(services, BOB)["fate"] == "sent"
    assert spam_filter.asked.count(BOB) == 2
    assert alerts(services) == []


def test_it_still_says_that_the_sender_of_the_ticket_was_not_proven(services: Services, spam_filter: Filter) -> None:
    refuted = 'UPDATE mail.ledger SET evidence = evidence || \'{"proof": "refuted"}\''
    execute(services, refuted)

    rounds(services)

    (content,) = spam_filter.content_to(BOB)
    assert content.count(b"address was not proven. Do not trust the name.") == 2


def test_the_files_of_the_customer_are_left_out_too(services: Services, spam_filter: Filter) -> None:
    row = last_mail(services, BOB)
    files = "INSERT INTO mail.outbox_file SELECT :row, 0, 'pills.txt', NULL, sha256 FROM added"
    blob = (
        "WITH added AS (INSERT INTO mail.blob (sha256, size, content) VALUES ('\\x01', 5, 'pills') RETURNING sha256) "
    )
    with services.engine.begin() as connection:
        connection.exec_driver_sql((blob + files).replace(":row", str(row["id"])))

    rounds(services)

    assert query(services, "SELECT 1 FROM mail.outbox_file WHERE outbox_id = :id", id=row["id"]) == []
    assert len(spam_filter.content_to(BOB)) == 1


def test_an_answer_to_what_is_left_still_reaches_the_customer(services: Services, spam_filter: Filter) -> None:
    rounds(services)

    ledger = answer(services, last_mail(services, BOB), "We sell none.")

    assert ledger["fate"] == "applied"
    assert query(services, 'SELECT content FROM "Comment"') == [{"content": "We sell none."}]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_where_that_is_refused_as_well_the_admins_are_told(
    services: Services, spam_filter: Filter, refusal: str
) -> None:
    spam_filter.answer, spam_filter.closed = refusal, {BOB}

    rounds(services)

    (alert,) = alerts(services)
    assert (alert["recipient"], alert["fate"]) == (ADA, "sent")
    assert "SD-1001" in alert["text"]
    assert "pills" not in alert["text"].lower() + alert["subject"].lower()
    assert mails_to(services, BOB, "ticket-assigned")[0]["fate"] == "failed"


def test_a_server_that_refuses_everything_makes_no_loop(services: Services, spam_filter: Filter) -> None:
    spam_filter.closed = {ADA, BOB, "ann@customer.example"}

    rounds(services, 8)

    assert len(alerts(services)) == 1
    assert max(spam_filter.asked.count(one) for one in (ADA, BOB)) <= 4


def test_a_mail_to_the_customer_is_never_rewritten(services: Services, spam_filter: Filter) -> None:
    spam_filter.closed = {"ann@customer.example"}
    was = last_mail(services, "ann@customer.example")

    rounds(services)

    row = mails_to(services, "ann@customer.example")[0]
    assert (row["fate"], row["text"]) == ("failed", was["text"])
