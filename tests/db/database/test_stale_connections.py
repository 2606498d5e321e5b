"""A pooled connection that the server has ended is noticed after a rest; at once it is trouble and nobody's fault."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from models.db import engine as engines
from models.db.engine import make_engine
from models.db.errors import is_infrastructure


@pytest.fixture
def ended(fresh_database: str) -> Iterator[Engine]:
    """An engine whose only connection in the pool was ended by the server."""
    engine, other = (make_engine(fresh_database, application_name="tests") for _ in range(2))
    with engine.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    yield engine
    engine.dispose()
    other.dispose()


def test_after_a_rest_a_connection_that_is_gone_is_replaced(ended: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "IDLE_SECONDS", 0)

    with ended.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_the_sign_of_life_leaves_no_transaction_behind(fresh_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "IDLE_SECONDS", 0)
    with fresh_engine.connect() as connection:
        connection.execute(text("SELECT 1"))

    # The driver refuses to change to this within a transaction.
    with fresh_engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        began = connection.scalar(text("SELECT now()"))
        later = connection.scalar(text("SELECT now()"))

    assert began != later


def test_without_a_rest_it_is_infrastructure_that_failed(ended: Engine) -> None:
    with pytest.raises(OperationalError) as raised, ended.connect() as connection:
        connection.execute(text("SELECT 1"))

    assert is_infrastructure(raised.value)
    with ended.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
