"""Logs at the level that a desk runs at name no address and repeat no word of a mail.

The rule is in docs/security.md#who-asks-to-be-forgotten.
"""

import logging
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import DBAPIError

from tests.support.database.personal_data import (
    ANN,
    BOB,
    DAN,
    WORD,
    comment_by_bob,
    leave_personal_data_everywhere,
    personal_data_settings,
)
from tests.support.database.services import ADMIN, AGENT, MakeServices, a_raw_mail, execute, query, store_in_ledger
from worker.deliver.run import deliver_due
from worker.intake.run import receive_due
from worker.runtime.services import Services

DUE = "UPDATE mail.outbox SET fate = NULL, due_at = now(), attempts = 0, tries = 0"


# The database says of such a statement which value is there twice.
SIGN_UP = """INSERT INTO "User" (id, email, "createdAt", "updatedAt")
SELECT 'c' || n, :word, now(), now() FROM generate_series(1, 2) AS n"""
# The last of them ends the conversation.
CODES = ("250 2.1.5", "450 4.2.1", "550 5.1.1", "421 4.3.2")


class Refusing:
    """A server that answers each recipient in turn otherwise, and repeats the address as servers do."""

    def __init__(self) -> None:
        self.asked = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        code = CODES[self.asked % len(CODES)]
        if code.startswith("250"):
            envelope.rcpt_tos.append(address)
        return f"{code} <{address}>: {WORD}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return f"250 taken for {envelope.rcpt_tos[0]}"


@pytest.fixture
def services(make_services: MakeServices) -> Iterator[Services]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Refusing(), hostname="127.0.0.1", port=port)
    controller.start()
    # With one connection, what ends it ends the run, which says why.
    smtp = {"SMTP__HOST": "127.0.0.1", "SMTP__PORT": str(port), "SMTP__CONNECTIONS": "1"}
    yield make_services(ADMIN, AGENT, **personal_data_settings(), **smtp)
    controller.stop()


def named_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Each line of the log that names somebody or repeats a word of theirs."""
    formatter = logging.Formatter("%(message)s")
    # The server of these tests has a log of its own.
    ours = [record for record in caplog.records if not record.name.startswith("mail.log")]
    assert ours
    lines = [formatter.format(record) for record in ours]
    return [line for line in lines if any(word.lower() in line.lower() for word in (ANN, BOB, DAN, WORD))]


def test_a_whole_day_at_a_desk_names_nobody(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        leave_personal_data_everywhere(services)
        comment_by_bob(services, 1001, f"{WORD} it is.")
        for _ in range(3):
            execute(services, DUE)
            while deliver_due(services).done:
                pass

    assert named_in(caplog) == []


def test_a_mail_that_the_database_refuses_is_not_repeated(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    execute(services, "ALTER TABLE mail.ledger ADD CONSTRAINT short CHECK (length(sender) < 5)")

    with caplog.at_level(logging.INFO):
        store_in_ledger(services, a_raw_mail(f"{WORD} burns.", subject=WORD))
        for _ in range(3):
            execute(services, "UPDATE mail.ledger SET due_at = now()")
            receive_due(services)

    assert query(services, "SELECT fate FROM mail.ledger") == [{"fate": "quarantined"}]
    assert named_in(caplog) == []


def test_an_error_of_the_database_repeats_no_values(services: Services) -> None:
    with pytest.raises(DBAPIError, match="User_email_key") as raised:
        execute(services, SIGN_UP, word=WORD)

    assert WORD not in f"{raised.value} {raised.value.orig}"
