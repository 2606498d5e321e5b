"""What the driver is told: statements are prepared once, values come back as they went, and a broken wire is left."""

import pkgutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from psycopg import pq
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session

import models
from desk.intake.rule_names import RuleName
from models.db.claims import fresh_statement
from models.db.engine import make_engine
from models.db.errors import is_infrastructure
from models.db.statement import Statement
from models.events.rows import EVENTS
from models.ledger.rows import LEDGER
from models.outbox.rows import OUTBOX
from tests.support.servers.tcp_relay import wait_until

# Types of PostgreSQL's own have lower numbers (src/include/access/transam.h, FirstNormalObjectId).
FIRST_OF_OTHERS = 16_384
TEXTS = ["", "a", "NULL", "null", 'say "x"', "back\\slash", "{a,b}", " edges ", "line\nbreak", "käse 🧀", "a%b :c $1"]


class Content(bytes):
    """Bytes of a type of their own."""


VALUES: list[tuple[str, Any]] = [
    *(("text", value) for value in TEXTS),
    ("text[]", TEXTS),
    ("text[]", [None, "x"]),
    ("text[]", []),
    ("text", RuleName.NEW_TICKET),
    *(("bigint", value) for value in (0, -1, 2**62, -(2**63))),
    ("bigint[]", [1, -2, 2**40]),
    ("boolean", True),
    ("boolean[]", [True, False, None]),
    ("double precision", 0.1),
    ("bytea", bytes(range(256))),
    ("bytea", b""),
    ("bytea[]", [bytes(range(256)), b"", None]),
    ("bytea", Content(range(256))),
    ("bytea[]", [Content(range(256)), Content()]),
    ("text[]", [["a", 'say "x"'], ["{c}", None]]),
    ("bigint[]", [[1, 2], [3, 4]]),
    ("double precision[]", [float("inf"), -float("inf"), 5e-324]),
    ("uuid", UUID(int=7)),
    ("uuid[]", [UUID(int=7), UUID(int=8)]),
    ("timestamptz", datetime(2026, 3, 29, 1, 2, 3, 456789, UTC)),
    ("timestamp", datetime(1, 1, 1, 0, 0, 0, 1)),
    ("timestamptz[]", [datetime(2026, 3, 29, tzinfo=UTC)]),
    ("interval", timedelta(days=3, seconds=5, microseconds=7)),
    ("interval", -timedelta(seconds=1, microseconds=1)),
    ("jsonb", None),
]
CAST = Statement("SELECT CAST(:value AS bigint) AS of_any_size")
PID = Statement("SELECT pg_backend_pid() AS pid")
OTHERS = Statement("""
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
""")
SLEEP = Statement("SELECT pg_sleep(:seconds)")
DIVIDE = Statement("SELECT 8 / CAST(:by AS int) AS found")
PROBE = Statement("SELECT * FROM probe")


def statements() -> list[Statement]:
    """Every statement that a module of `models` holds, and those of the claims."""
    found = [fresh_statement(queue) for queue in (EVENTS, LEDGER, OUTBOX)]
    for module in pkgutil.walk_packages(models.__path__, "models."):
        found.extend(one for one in vars(import_module(module.name)).values() if isinstance(one, Statement))
    return found


def test_every_statement_says_by_its_text_alone_which_types_its_values_have(connection: Connection) -> None:
    library = connection.connection.driver_connection.pgconn  # type: ignore[union-attr]
    refused, of_others = [], []

    for one in statements():
        prepared = library.prepare(b"", one.query.sql)
        if prepared.status != pq.ExecStatus.COMMAND_OK:
            refused.append((one.statement, prepared.error_message.decode()))
            continue
        told = library.describe_prepared(b"")
        # A type of SupportDesk's is another one once its tables were made anew: its value is cast from text.
        of_others += [one.statement for at in range(told.nparams) if told.param_type(at) >= FIRST_OF_OTHERS]

    assert len(statements()) > 100
    assert (refused, of_others) == ([], [])


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_comes_back_as_it_went(session: Session, kind: str, value: object) -> None:
    asked = f"SELECT CAST(:value AS {kind}) AS found, pg_typeof(CAST(:value AS {kind})) = '{kind}'::regtype AS same"

    found = Statement(asked).one(session, {"value": value})

    assert (found.found, found.same) == (value, True)


def test_json_comes_back_as_it_went(session: Session) -> None:
    value = {"words": TEXTS, "more": {"n": 1, "x": None}}

    assert Statement("SELECT CAST(:value AS jsonb) AS found").one(session, {"value": Jsonb(value)}).found == value


@pytest.mark.parametrize("value", ["a\0b", ["a", "b\0"]])
def test_text_that_the_server_cannot_hold_is_refused_before_it_is_sent(session: Session, value: object) -> None:
    with pytest.raises(DataError, match="NUL"):
        Statement("SELECT CAST(:value AS text)").one(session, {"value": value})


def test_a_value_of_an_unknown_type_is_a_mistake_in_the_code(session: Session) -> None:
    with pytest.raises(TypeError, match="object"):
        Statement("SELECT :value").one(session, {"value": object()})


def test_binary_rows_are_the_same_rows(session: Session) -> None:
    asked = "SELECT CAST(:raw AS bytea) AS raw, now() AS now, 7 AS n, 'x' AS t, CAST(NULL AS text) AS nothing"

    as_text, as_bytes = (Statement(asked, binary=binary).one(session, {"raw": b"\0\1"}) for binary in (False, True))

    assert as_text == as_bytes
    assert as_text._fields == ("raw", "now", "n", "t", "nothing")


def test_a_statement_is_prepared_once_for_a_connection(fresh_engine: Engine) -> None:
    for value in (1, None, 2**40, 3):
        with Session(fresh_engine) as session:
            Statement("SELECT 1").one(session)
            CAST.one(session, {"value": value})
            session.commit()

    with fresh_engine.connect() as connection:
        held = connection.scalars(
            text(
                "SELECT calls.n FROM (SELECT count(*) AS n FROM pg_prepared_statements"
                " WHERE statement LIKE '%AS of_any_size') AS calls"
            )
        ).one()

    assert held == 1


def test_the_first_error_is_raised_and_nothing_after_it_is_run(fresh_engine: Engine) -> None:
    with Session(fresh_engine) as session:
        with pytest.raises(DataError, match="division by zero"):
            DIVIDE.all_rows(session, [{"by": 2}, {"by": 0}, {"by": 1}])
        session.rollback()
        before = PID.one(session).pid

        found = DIVIDE.all_rows(session, [{"by": 2}, {"by": 4}])

        assert [[row.found for row in rows] for rows in found] == [[4], [2]]
        assert PID.one(session).pid == before


@pytest.mark.parametrize(
    "change", ["ALTER TABLE probe ALTER b TYPE text", "ALTER TABLE probe ADD c int", "ALTER TABLE probe DROP b"]
)
def test_a_change_of_a_table_under_a_process_costs_one_run_and_no_mail(fresh_engine: Engine, change: str) -> None:
    with fresh_engine.begin() as connection:
        connection.execute(text("CREATE TABLE probe (a int, b int)"))
    read(fresh_engine, PROBE)
    with fresh_engine.begin() as connection:
        connection.execute(text(change))

    with pytest.raises(DBAPIError) as raised:
        read(fresh_engine, PROBE)

    assert is_infrastructure(raised.value)
    assert read(fresh_engine, PROBE) == []


def read(engine: Engine, statement: Statement) -> list[Any]:
    with Session(engine) as session:
        return statement.rows(session)


def test_what_another_dropped_is_prepared_again_on_a_new_connection(fresh_engine: Engine) -> None:
    before = read(fresh_engine, PID)
    with fresh_engine.connect() as connection:
        connection.execute(text("DEALLOCATE ALL"))

    with pytest.raises(DBAPIError) as raised:
        read(fresh_engine, PID)

    assert is_infrastructure(raised.value)
    assert read(fresh_engine, PID) != before


def names(engine: Engine, *statements: Statement) -> dict[str, str]:
    """Run statements in one transaction; under which name each text is prepared then."""
    with Session(engine) as session:
        for one in statements:
            one.rows(session, {"by": 2, "value": 1})
        found = session.execute(text("SELECT statement, name FROM pg_prepared_statements"))
        return {statement: name for statement, name in found if statement != "BEGIN"}


def test_a_name_means_one_statement_to_whoever_has_a_connection_of_the_server(fresh_engine: Engine) -> None:
    # A pooler may hand a connection on with what another client prepared on it.
    found = names(fresh_engine, CAST, DIVIDE)
    fresh_engine.dispose()

    assert names(fresh_engine, DIVIDE, CAST) == found
    assert len(set(found.values())) == 2


def test_statements_of_one_text_are_prepared_once(fresh_engine: Engine) -> None:
    assert len(names(fresh_engine, *(Statement("SELECT 8 AS found") for _ in range(20)))) == 1


def test_what_another_client_prepared_is_no_mails_fault(fresh_engine: Engine) -> None:
    (name,) = names(fresh_engine, PID).values()
    fresh_engine.dispose()
    with fresh_engine.connect() as connection:
        connection.execute(text(f"PREPARE {name} AS SELECT 1"))
        connection.commit()

    with pytest.raises(DBAPIError) as raised:
        read(fresh_engine, PID)

    assert is_infrastructure(raised.value)
    assert len(read(fresh_engine, PID)) == 1


def test_a_connection_that_the_server_ended_is_trouble_and_leaves_the_pool(fresh_engine: Engine) -> None:
    with Session(fresh_engine) as session:
        pid = PID.one(session).pid
        with fresh_engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(DBAPIError) as raised:
            PID.one(session)
        session.invalidate()

    assert is_infrastructure(raised.value)
    assert raised.value.connection_invalidated
    assert read(fresh_engine, PID)


class Rang(BaseException):
    """The alarm rang. It is no KeyboardInterrupt, which would end the whole run where the alarm comes late."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """A signal in a moment, whose handler raises."""

    def ring(*_: object) -> None:
        raise Rang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_ends_the_wait_for_an_answer_and_what_the_server_still_does_for_it(fresh_engine: Engine) -> None:
    session = Session(fresh_engine)
    PID.one(session)
    with pytest.raises(Rang), alarm(0.2):
        SLEEP.one(session, {"seconds": 30})
    session.invalidate()

    # It would keep its locks, and who charges its mail would wait for them.
    assert wait_until(lambda: not read(fresh_engine, OTHERS))


def test_where_prisma_is_told_of_a_pooler_nothing_is_prepared(fresh_database: str) -> None:
    engine = make_engine(f"{fresh_database}?pgbouncer=true", application_name="tests")
    with Session(engine) as session:
        found = [row.found for rows in DIVIDE.all_rows(session, [{"by": 2}, {"by": 4}]) for row in rows]
        held = session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    engine.dispose()

    assert (found, held) == ([4, 2], 0)
