"""The errors of talking to a mail server: temporary, busy and permanent; each docstring is the retry rule."""


class TemporaryFailure(Exception):
    """The server could not do it now: it does not count as an attempt of the mail; try again later."""


class ServerBusy(TemporaryFailure):
    """The server spoke of itself or of our limits: no mail is charged; leave it alone for `seconds`, if it named any.

    `maybe_the_mail` is True where a server also says such a thing when one mail alone troubles it.
    """

    def __init__(self, message: str, seconds: float | None = None, *, maybe_the_mail: bool = False) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.maybe_the_mail = maybe_the_mail


class PermanentFailure(Exception):
    """The server refused for good: another try would fail again, so a person must see it."""
