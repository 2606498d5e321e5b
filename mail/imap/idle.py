"""Waiting until the server announces new mail in a folder: IMAP IDLE (RFC 2177)."""

from collections.abc import Iterator
from contextlib import suppress
from select import POLLIN, poll
from ssl import SSLWantReadError

from imapclient import IMAPClient

from mail.failures import PermanentFailure
from mail.imap.connection import translate_errors
from mail.imap.mailbox import open_mailbox
from mail.server import Server

# RFC 2177 asks for less than 29 minutes; routers in between forget quiet connections sooner.
REISSUE_SECONDS = 9 * 60
# Mails seldom come alone: the first is announced at once, and those within this time after it are together.
GATHER_SECONDS = 0.3
GOODBYE_SECONDS = 0.5
NEWS = frozenset({b"EXISTS", b"RECENT"})


class NoIdle(PermanentFailure):
    """The server does not offer IDLE, so it has to be polled."""


def watch_folder(server: Server, folder: str, *wakes: int, reissue: float = REISSUE_SECONDS) -> Iterator[None]:
    """Stay connected, and yield each time when there may be new mail; end where a descriptor of `wakes` can be read.

    It yields while IDLE is on: once at the beginning, after new mail, and after each `reissue` seconds. So a mail that
    came while the server was not in IDLE was there before the yield.

    Raises:
        NoIdle: the server cannot do it.
        TemporaryFailure: the connection broke; connect again.
        PermanentFailure: the login or the folder was refused.

    """
    with open_mailbox(server) as mailbox:
        mailbox.select(folder)
        with translate_errors(f"{server} stopped answering"):
            if not mailbox.client.has_capability("IDLE"):
                raise NoIdle(f"{server} does not offer IDLE")
        yield from _idle(mailbox.client, server, wakes, reissue)


def _idle(client: IMAPClient, server: Server, wakes: tuple[int, ...], reissue: float) -> Iterator[None]:
    news = True
    while True:
        with translate_errors(f"{server} stopped answering"):
            news = _start_idle(client, server) or news
        if news:
            yield
            _ready(GATHER_SECONDS, *wakes)
        ready = _ready(reissue, *wakes, client.socket().fileno())
        if not ready.isdisjoint(wakes):
            # A server that is slow to leave IDLE gets no LOGOUT: it would not understand it yet.
            with suppress(Exception):
                client.socket().settimeout(GOODBYE_SECONDS)
                client.idle_done()
            return
        with translate_errors(f"{server} ended the connection"):
            # Only the answer to DONE is read: the client's own check fails on a line that comes in two packets.
            _, lines = client.idle_done()
        news = not ready or any(line[1:2] and line[1] in NEWS for line in lines)


def _start_idle(client: IMAPClient, server: Server) -> bool:
    """Start IDLE; True where new mail was announced before the server's continuation (`+`), or in one packet with it.

    A server may announce mail until then (RFC 3501, section 7), which the client's own method takes for a refusal.
    """
    protocol = client._imap  # noqa: SLF001  the library has no other way
    client._idle_tag = tag = protocol._command("IDLE")  # noqa: SLF001
    while protocol._get_response() is not None:  # noqa: SLF001
        if protocol.tagged_commands[tag]:
            raise PermanentFailure(f"{server} refused to IDLE: {protocol.tagged_commands[tag]}")
    news = {word for word in NEWS if protocol.untagged_responses.pop(word.decode(), None)}
    return bool(news) or _has_more(client)


def _has_more(client: IMAPClient) -> bool:
    """Whether the buffer holds more than the last line: poll() on the socket does not report that."""
    connection = client.socket()
    patience = connection.gettimeout()
    connection.setblocking(False)
    try:
        return bool(client._imap.file.peek(1))  # noqa: SLF001  the library has no other way
    except SSLWantReadError:
        return False
    finally:
        connection.settimeout(patience)


def _ready(seconds: float, *descriptors: int) -> set[int]:
    # Unlike select(), poll() takes descriptors above 1023, and there is one for each mailbox.
    waiting = poll()
    for descriptor in descriptors:
        waiting.register(descriptor, POLLIN)
    return {descriptor for descriptor, _ in waiting.poll(seconds * 1000)}
