"""What IMAP's errors mean to us: the library's exceptions become temporary or permanent failures."""

from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import exceptions

from mail.failures import PermanentFailure, TemporaryFailure

# RFC 5530 codes, and words of servers that send none, which say that the server cannot do it now.
BUSY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[OVERQUOTA]", "[THROTTLED]", "TOO MANY", "TRY AGAIN")


class Unreadable(PermanentFailure):
    """The server answered in a way that nobody can read."""


@contextmanager
def translated(deed: str) -> Iterator[None]:
    """Turn errors of IMAPClient and of the socket into ours; `deed` is what could not be done, as a clause.

    Raises:
        TemporaryFailure: the network, a timeout, TLS, a connection that ended (BYE), a busy server.
        PermanentFailure: the server refused: a login, a folder, a command.
        Unreadable: the answer could not be understood.

    """
    try:
        yield
    except exceptions.IMAPClientReadOnlyError as error:
        raise PermanentFailure(f"{deed}: the folder can only be read ({error})") from error
    except (exceptions.IMAPClientAbortError, OSError) as error:
        raise TemporaryFailure(f"{deed}: {error or type(error).__name__}") from error
    except (exceptions.ProtocolError, ValueError) as error:
        raise Unreadable(f"{deed}: the answer cannot be read ({error})") from error
    except exceptions.IMAPClientError as error:
        # The library calls it a refused login, too, where the connection ended during one.
        broken = isinstance(error.__context__, exceptions.IMAPClientAbortError)
        kind = TemporaryFailure if broken or _is_busy(str(error)) else PermanentFailure
        raise kind(f"{deed}: {error}") from error


def _is_busy(answer: str) -> bool:
    return any(word in answer.upper() for word in BUSY)
