"""A database that was cut off is noticed by us within half a minute, and not by the system's two hours."""

import pytest

from worker.runtime.services import Services

pytestmark = pytest.mark.services()


@pytest.mark.parametrize(
    ("name", "value"),
    [("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000")],
)
def test_our_side_of_each_connection_asks_whether_the_server_lives(services: Services, name: str, value: str) -> None:
    with services.engine.connect() as connection:
        given = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]

    assert given[name] == value
