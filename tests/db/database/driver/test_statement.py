"""A prebuilt statement runs in its session's transaction, whichever connection that has, and tells of its errors."""

import sys
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from psycopg.pq import DiagnosticField
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.errors import as_sqlalchemys
from models.db.statement import Statement

WHERE = Statement("SELECT pg_backend_pid() AS pid")
LIKE = Statement("SELECT 'a%b' LIKE 'a\\%b' AS held")
PID = text("SELECT pg_backend_pid()")
SAID = "said@in.a.mail"
VALUES = {"said": SAID, "by": 0}
# PostgreSQL adds the values to its errors where an administrator asks for them.
ALL_VALUES = "SET LOCAL log_parameter_max_length_on_error = -1"
FAILING = "SELECT CAST(:said AS text) AS said, 1 / CAST(:by AS int) AS n"


def test_a_session_that_goes_on_asks_by_the_connection_of_its_new_transaction(fresh_engine: Engine) -> None:
    with Session(fresh_engine) as session:
        first = WHERE.one(session).pid
        session.commit()
        with fresh_engine.connect() as other:
            assert other.scalar(PID) == first

            second = WHERE.one(session).pid

            assert second == session.scalar(PID) != first


def test_a_statement_is_part_of_what_is_rolled_back(fresh_engine: Engine) -> None:
    with Session(fresh_engine) as session:
        Statement("CREATE TABLE public.probe (id bigint)").rows(session)
        session.rollback()

        found = Statement("SELECT to_regclass('public.probe') AS found").one(session).found

    assert found is None


def test_a_percent_sign_is_one_with_and_without_values(fresh_engine: Engine) -> None:
    with Session(fresh_engine) as session:
        told = [LIKE.one(session).held, LIKE.one(session, {"unused": 1}).held]

    assert told == [True, True]


def test_a_long_statement_costs_the_driver_no_more_than_a_short_one(fresh_engine: Engine) -> None:
    # The driver keeps what it made of a text with parameters only where that is short.
    short, long = (Statement(f"SELECT {uses} AS found") for uses in (":b || :a || :b", " || ".join([":b || :a"] * 700)))
    with Session(fresh_engine) as session:
        found = [one.one(session, {"a": "a", "b": "b", "unused": "c"}).found for one in (short, long)]
        calls = [_calls(partial(one.one, session, {"a": "a", "b": "b"})) for one in (short, long)]

    assert found == ["bab", "ba" * 700]
    assert calls[0] == calls[1]


def _calls(work: Callable[[], object]) -> int:
    """How many functions of Python `work` calls, once it was done before."""
    work()
    called: list[object] = []
    sys.setprofile(lambda frame, event, _: called.append(frame) if event == "call" else None)
    try:
        work()
    finally:
        sys.setprofile(None)
    return len(called)


def test_an_error_comes_as_sqlalchemys_own_and_quotes_no_value(fresh_engine: Engine) -> None:
    said = {"id": "u", "email": "said@in.a.mail"}
    add = Statement('INSERT INTO public."User" (id, email, "updatedAt") VALUES (:id, :email, now())')
    with Session(fresh_engine) as session:
        add.rows(session, said)
        with pytest.raises(DBAPIError, match="User_email_key") as raised:
            add.rows(session, said | {"id": "v"})

    assert said["email"] not in str(raised.value)


def test_much_goes_both_ways_at_once(fresh_engine: Engine) -> None:
    # More than the buffers of both sides hold: who only writes while the other writes, too, waits for ever.
    echo = Statement("SELECT CAST(:much AS text) AS much")
    much = [{"much": letter * 3_000_000} for letter in "abcd"]
    with Session(fresh_engine) as session:
        found = echo.all_rows(session, much)

    assert [row.much for rows in found for row in rows] == [one["much"] for one in much]


def by_sqlalchemy(session: Session) -> None:
    session.execute(text(FAILING), VALUES)


def by_the_wire(session: Session) -> None:
    Statement(FAILING).one(session, VALUES)


@pytest.mark.parametrize("ask", [by_sqlalchemy, by_the_wire])
def test_values_that_the_server_adds_to_its_errors_stay_out(session: Session, ask: Callable[[Session], None]) -> None:
    session.execute(text(ALL_VALUES))

    with pytest.raises(DBAPIError, match="division by zero") as raised:
        ask(session)

    assert SAID not in f"{raised.value} {raised.value.orig}"
    assert SAID in (raised.value.orig.diag.context or "")  # type: ignore[union-attr]


@pytest.mark.parametrize("label", ["DETAIL:  ", "DÉTAIL : ", "DETALLE:  ", "ПОДРОБНОСТИ:  "])
def test_a_row_stays_out_in_every_language_of_the_server(label: str) -> None:
    primary = "la valeur d'une clé dupliquée"
    told: dict[int, bytes | None] = {
        DiagnosticField.MESSAGE_PRIMARY: primary.encode(),
        DiagnosticField.MESSAGE_DETAIL: SAID.encode(),
    }
    error = psycopg.errors.UniqueViolation(f"{primary}\n{label}{SAID}", info=told)

    found = as_sqlalchemys("INSERT", error, lost=False)

    assert primary in str(found)
    assert SAID not in f"{found} {error}"
