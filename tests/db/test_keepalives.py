"""A database that was cut off is noticed by us within half a minute, and not by the system's two hours."""

import pytest

from tests.offices import an_office


@pytest.mark.parametrize(
    ("name", "value"),
    [("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000")],
)
def test_our_side_of_each_connection_asks_whether_the_server_lives(fresh_database: str, name: str, value: str) -> None:
    office = an_office(fresh_database)

    with office.engine.connect() as connection:
        given = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]

    office.engine.dispose()
    assert given[name] == value
