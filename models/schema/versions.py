"""Whether a program and its database are of one version; revisions of ours are numbers of four digits."""

import re

_OURS = re.compile(r"\d{4}")


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
