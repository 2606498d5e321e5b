"""Whether a program and its database are of one version; revisions of ours are numbers of four digits."""

import re
from pathlib import Path

from sqlalchemy import Engine, text

_OURS = re.compile(r"\d{4}")
# Beside the packages, in a checkout as in an installed wheel.
MIGRATIONS = Path(__file__).parents[2] / "migrations"


class VersionDiffers(Exception):
    """The database is of another version than this program, which read nothing; the message says what to do."""


def newest_revision() -> str:
    """The revision that this program needs, by the names of its migrations, which no library has to read for that."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def check_version(engine: Engine) -> None:
    """Raise VersionDiffers where a database is newer than the program, or was upgraded in part, or not yet."""
    with engine.connect() as connection:
        stands = connection.scalar(text("SELECT version_num FROM mail.alembic_version"))
    if trouble := version_trouble(stands, newest_revision()):
        raise VersionDiffers(trouble)


def is_newer(revision: str | None, newest: str) -> bool:
    """True for a revision of ours that came after the newest one that a program has."""
    return revision is not None and _OURS.fullmatch(revision) is not None and revision > newest


def version_trouble(revision: str | None, newest: str) -> str:
    """Why a program cannot work on a database at this revision, and what to do; empty where it can."""
    if is_newer(revision, newest):
        return f"The database is at {revision}, and this program is older: it knows {newest}. Start a newer one."
    if revision != newest:
        return f"The database is at {revision or 'nothing'}, not at {newest}: run `supportdesk db upgrade`."
    return ""
