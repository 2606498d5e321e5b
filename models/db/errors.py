"""Whose fault a database error is: the infrastructure's, or the mail's that was being worked on."""

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Connection lost, a server that only reads (a standby, or one whose disk is nearly full), transaction rolled back for
# others' sake, out of resources, a lock that others kept, server shutting down, system error of the server (PostgreSQL,
# appendix A).
INFRASTRUCTURE = ("08", "25006", "40", "53", "55P03", "57P", "58")


class Unwatched(Exception):
    """A trigger of ours is missing in `public` or switched off: what a mail does there would be told to nobody."""

    def __init__(self) -> None:
        super().__init__("Triggers of ours are missing in the schema public. Run: supportdesk db repair")


def is_infrastructure(error: BaseException) -> bool:
    """True where trying the same again later may well succeed, so that no try is charged to the mail."""
    if isinstance(error, (PoolTimeoutError, Unwatched)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    return error.connection_invalidated or str(state).startswith(INFRASTRUCTURE)


def without_details(*errors: BaseException | None) -> None:
    """Leave of the messages of errors what PostgreSQL calls the primary one.

    DETAIL quotes the row and CONTEXT may quote the statement's values: a mail's words, which no log may repeat. How the
    server names these parts depends on its language.
    """
    for error in errors:
        if error is not None and error.args:
            error.args = (_without_details(error, str(error.args[0])), *error.args[1:])


def _without_details(error: BaseException, said: str) -> str:
    driver = getattr(error, "orig", error)
    primary = driver.diag.message_primary if isinstance(driver, psycopg.Error) else None
    before, found, _ = said.partition(primary) if primary else ("", "", "")
    return before + found if found else said.partition("\nDETAIL:")[0]


def as_sqlalchemys(statement: str, error: psycopg.Error, *, lost: bool) -> BaseException:
    """The driver's error of a statement as SQLAlchemy tells it; `lost` says that the connection is.

    It has no values of the statement: they may be a mail's words.
    """
    without_details(error)
    given = statement, None, error, psycopg.Error
    return DBAPIError.instance(*given, hide_parameters=True, connection_invalidated=lost)
