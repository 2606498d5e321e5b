"""Times as the copies have them: ISO 8601 in UTC, whatever the session's time zone is."""


def utc(column: str) -> str:
    """SQL for a time with zone, as text; NULL stays NULL."""
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def prismas(column: str) -> str:
    """SQL for a time of the schema `public`, which is UTC without saying so."""
    return f'to_char({column}, \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')'
