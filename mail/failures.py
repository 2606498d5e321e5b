"""The two errors of the wire; each docstring is the retry rule."""


class TemporaryFailure(Exception):
    """The server could not do it now: nothing is charged to the mail, try again later."""


class PermanentFailure(Exception):
    """The server refused this one for good: trying again would fail again, so a person must see it."""
