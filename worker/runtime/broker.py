"""The broker, asked whether it is there: within bounds, and what it or the network said in words."""

import ssl

from kombu import Connection

from mail.server import reason_of


def broker_at(url: str, seconds: float) -> Connection:
    """A connection to a broker, not open yet; each step of it ends within so many seconds. ValueError for a bad URL."""
    # One that takes connections and says nothing is waited for no longer than one that cannot be reached.
    within = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    return Connection(url, connect_timeout=seconds, transport_options=within)


def reason_of_broker(error: BaseException) -> str:
    """Why the broker cannot be used, in words: its library puts what the network said behind errors of its own."""
    network: OSError | None = None
    further: BaseException | None = error
    while further is not None:
        network = further if isinstance(further, OSError) else network
        further = further.__cause__ or further.__context__
    if isinstance(network, ssl.SSLError) and not isinstance(network, ssl.SSLCertVerificationError):
        return "it does not speak TLS there; see whether its URL should begin with redis://"
    return reason_of(network or error)
