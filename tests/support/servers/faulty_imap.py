"""An IMAP server that hangs, sends a byte at a time, or breaks the connection within a mail."""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from mail.server import Security, Server

MAIL = b"From: ann@customer.example\r\nMessage-ID: <%d@x>\r\nSubject: Mail %d\r\n\r\nHello %d\r\n"
LONGEST_CONNECTION = 60


class Trouble(StrEnum):
    """The fault at a step: silence, a byte now and then, or the end of the connection."""

    HANG = "hang"
    TRICKLE = "trickle"
    CUT = "cut"


@dataclass(slots=True)
class FaultyServer:
    """The server's mails by UID, its faults by step (`GREETING` or a command), and by UID of a mail (`bad`).

    `fetched` are the UIDs whose bodies were asked for, command by command. `refusals` are the words with which a
    command is answered instead, such as `NO [LIMIT] x`, and `bad_words` those for a FETCH of the body of this UID;
    `capabilities` are listed besides IMAP4rev1, and `commands` are all that came, without their tags.
    """

    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    bad: dict[int, Trouble] = field(default_factory=dict)
    fetched: list[list[int]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    bad_words: dict[int, str] = field(default_factory=dict)
    capabilities: str = ""
    commands: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def fill(self, *uids: int) -> None:
        """Put mails into the one folder."""
        self.mails |= {uid: MAIL % (uid, uid, uid) for uid in uids}

    def server(self, timeout: float = 20) -> Server:
        """Its address and login, for the client."""
        return Server("127.0.0.1", self.port, Security.PLAIN, "anna", "demo", timeout)


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    timeout = LONGEST_CONNECTION

    def handle(self) -> None:
        with suppress(OSError):
            self._send("GREETING", b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                verb = command.removeprefix("UID ").split(" ")[0].upper()
                self._answer(tag, verb, command)
                if verb == "LOGOUT":
                    return

    @property
    def state(self) -> FaultyServer:
        return self.server.state  # type: ignore[attr-defined,no-any-return]

    def _answer(self, tag: str, verb: str, command: str) -> None:
        self.state.commands.append(command)
        if words := self._refusal(verb, command):
            self._send(verb, f"{tag} {words}\r\n".encode())
            return
        uids = sorted(self.state.mails)
        answers = {
            "CAPABILITY": f"* CAPABILITY IMAP4rev1 {self.state.capabilities}".rstrip() + "\r\n",
            "ID": '* ID ("name" "Crooked")\r\n',
            "SELECT": f"* {len(uids)} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\*)] x\r\n",
            "SEARCH": f"* SEARCH {' '.join(map(str, uids))}\r\n",
            "LOGOUT": "* BYE see you\r\n",
        }
        answer = self._fetch(command) if verb == "FETCH" else answers.get(verb, "").encode()
        self._send(verb, answer + f"{tag} OK done\r\n".encode())

    def _refusal(self, verb: str, command: str) -> str | None:
        if verb == "SELECT" and "ID" in self.state.capabilities.split():
            named = any(one.upper().startswith("ID (") for one in self.state.commands)
            if not named:
                return "NO SELECT Unsafe Login. Please contact the provider"
        if verb == "FETCH" and "BODY" in command:
            asked = [int(uid) for uid in re.findall(r"\d+", command.partition("(")[0])]
            return next((self.state.bad_words[uid] for uid in asked if uid in self.state.bad_words), None) or (
                self.state.refusals.get(verb)
            )
        return self.state.refusals.get(verb)

    def _fetch(self, command: str) -> bytes:
        wanted = [int(uid) for uid in re.findall(r"\d+", command.partition("(")[0]) if int(uid) in self.state.mails]
        if "RFC822.SIZE" in command:
            return b"".join(
                b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(self.state.mails[uid])) for uid in wanted
            )
        self.state.fetched.append(wanted)
        return b"".join(self._body(uid) for uid in wanted)

    def _body(self, uid: int) -> bytes:
        raw = self.state.mails[uid]
        head = b'* %d FETCH (UID %d INTERNALDATE "01-Mar-2026 12:30:00 +0000" BODY[] {%d}\r\n' % (uid, uid, len(raw))
        if uid in self.state.bad:
            self.wfile.write(head + raw[: len(raw) // 2])
            self._misbehave(self.state.bad[uid])
        return head + raw + b")\r\n"

    def _send(self, step: str, answer: bytes) -> None:
        if step in self.state.troubles:
            self._misbehave(self.state.troubles[step])
        self.wfile.write(answer)

    def _misbehave(self, trouble: Trouble) -> None:
        while trouble is not Trouble.CUT and not self.state.closing.wait(0.1):
            if trouble is Trouble.TRICKLE:
                self.wfile.write(b"x")
        self.connection.shutdown(socket.SHUT_RDWR)


class _Listener(socketserver.ThreadingTCPServer):
    """The server with its state."""

    daemon_threads = True
    state: FaultyServer


@contextmanager
def running_faulty_imap() -> Iterator[FaultyServer]:
    """Run the server for the length of the block."""
    with _Listener(("127.0.0.1", 0), _Session) as listener:
        listener.state = state = FaultyServer(port=listener.server_address[1])
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            listener.shutdown()
            thread.join(timeout=10)
