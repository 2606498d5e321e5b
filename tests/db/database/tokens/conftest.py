"""Mail servers that let in by the tokens of the provider alone."""

from collections.abc import Iterator

import pytest

from tests.support.database.databases import drop_database, new_database
from tests.support.servers.token_mail import TokenMail, running_token_mail
from tests.support.servers.token_server import Provider


@pytest.fixture
def fresh_database(postgres_url: str, template_database: str) -> Iterator[str]:
    """A database of each test's own: a thread of an earlier one may still write that it could not renew its token."""
    url = new_database(postgres_url, template_database)
    yield url
    drop_database(postgres_url, url)


@pytest.fixture
def servers(provider: Provider) -> Iterator[TokenMail]:
    """Mail servers that take this provider's tokens."""
    with running_token_mail(provider.is_good) as servers:
        yield servers
