"""Whose fault a database error is: the infrastructure's, or the mail's that was being worked on."""

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Connection lost, transaction rolled back because of others, out of resources, a lock that others kept, server shutting
# down, system error of the server (PostgreSQL, appendix A).
INFRASTRUCTURE = ("08", "40", "53", "55P03", "57P", "58")


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
    """Remove from the messages of errors the DETAIL, which quotes the row: a mail's words, which no log may repeat."""
    for error in errors:
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def as_sqlalchemys(statement: str, error: psycopg.Error, *, lost: bool) -> BaseException:
    """The driver's error of a statement as SQLAlchemy tells it; `lost` says that the connection is.

    It has no values of the statement: they may be a mail's words.
    """
    without_details(error)
    given = statement, None, error, psycopg.Error
    return DBAPIError.instance(*given, hide_parameters=True, connection_invalidated=lost)
