"""A connection to a server with the habits that a test gives it."""

from collections.abc import Iterator

import pytest

from mail.smtp.connection import Connection, open_smtp
from tests.support.servers.faulty_smtp import FaultySmtp, account_at


@pytest.fixture
def connection(server: FaultySmtp) -> Iterator[Connection]:
    """A connection over which mails go to the test's own server."""
    with open_smtp(account_at(server), "desk.example") as connection:
        yield connection
