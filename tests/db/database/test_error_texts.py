"""Errors of the database quote no values, whatever the server adds to its messages and in which language."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg.pq import DiagnosticField
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from models.db.errors import as_sqlalchemys
from models.db.statement import Statement

SAID = "said@in.a.mail"
VALUES = {"said": SAID, "by": 0}
# PostgreSQL adds the values to its errors where an administrator asks for them.
ALL_VALUES = "SET LOCAL log_parameter_max_length_on_error = -1"
FAILING = "SELECT CAST(:said AS text) AS said, 1 / CAST(:by AS int) AS n"


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
