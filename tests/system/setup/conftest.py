"""Mail servers that let in by XOAUTH2 alone, and a database without any table."""

from collections.abc import Iterator

import pytest

from tests.support.database.databases import drop_database, new_database
from tests.support.servers.token_mail import TokenMail, running_token_mail
from tests.support.servers.token_server import Provider


@pytest.fixture
def servers(provider: Provider) -> Iterator[TokenMail]:
    """Mail servers that take this provider's tokens."""
    with running_token_mail(provider.is_good) as servers:
        servers.offers = ("XOAUTH2",)
        yield servers


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """The URL of a database without any table."""
    url = new_database(postgres_url)
    yield url
    drop_database(postgres_url, url)
