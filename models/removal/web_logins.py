"""What the web application's NextAuth leaves behind: sessions and one-time tokens that ended, which it never deletes.

The tables have no index by the time of their end, and Prisma would drop one as drift. So they are walked page by page
as they lie on the disk: each page is read once a walk, and a mark in a walk is no session and no token.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from models.db.statement import Statement

# So many pages of 8 KB are looked at in one batch: some thousand rows.
PAGES: Final = 50
# Nobody asks for what ended so long ago; NextAuth takes an ended one for none.
_ENDED: Final = "expires < (now() - interval '1 day') AT TIME ZONE 'UTC'"


class WebLogin(StrEnum):
    """What is purged, by the name of its table in `public`."""

    SESSIONS = "Session"
    TOKENS = "VerificationToken"


@dataclass(frozen=True, slots=True)
class Purged:
    """One batch: up to which page it `reached`, how many rows went, and whether the table ends there."""

    reached: int
    gone: int
    is_last: bool


# Who works on a row has it locked: it is left to the next walk.
_PURGE: Final = {
    login: Statement(f"""
WITH gone AS (
    DELETE FROM public."{login}" WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM public."{login}"
        WHERE ctid >= CAST('(' || CAST(:first AS bigint) || ',0)' AS tid)
            AND ctid < CAST('(' || CAST(:end AS bigint) || ',0)' AS tid) AND {_ENDED}
        FOR UPDATE SKIP LOCKED
    )) RETURNING 1
)
SELECT (SELECT count(*) FROM gone) AS gone,
    pg_relation_size('public."{login}"') / CAST(current_setting('block_size') AS bigint) AS pages
""")
    for login in WebLogin
}


def purge(session: Session, login: WebLogin, first: int, pages: int = PAGES) -> Purged:
    """Delete what ended a day ago or longer from so many pages of a table, beginning with page `first`."""
    row = _PURGE[login].one(session, {"first": first, "end": first + pages})
    return Purged(first + pages, row.gone, first + pages >= row.pages)
