"""The two errors of talking to a mail server, temporary and permanent; each docstring is the retry rule."""


class TemporaryFailure(Exception):
    """The server could not do it now: it does not count as an attempt of the mail; try again later."""


class PermanentFailure(Exception):
    """The server refused for good: another try would fail again, so a person must see it."""
