"""The end of a desk: what `db reset` drops before everything is made anew."""

from sqlalchemy import Connection, text

from models.adoption import ENUM_NAMES, TABLE_NAMES, made_by_us
from models.base import SCHEMA


def drop_desk(connection: Connection) -> None:
    """Drop `mail` with all it holds, and SupportDesk's tables with their rows where we made them."""
    ours = made_by_us(connection)
    # The triggers in `public` go with their functions.
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    if not ours:
        return
    connection.execute(text(f"DROP TABLE IF EXISTS {_quoted(TABLE_NAMES)}"))
    connection.execute(text(f"DROP TYPE IF EXISTS {_quoted(ENUM_NAMES)}"))


def _quoted(names: frozenset[str]) -> str:
    return ", ".join(f'public."{name}"' for name in sorted(names))
