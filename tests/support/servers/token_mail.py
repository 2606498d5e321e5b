"""Mail servers that let in by tokens only (RFC 7628): IMAP with an inbox that a test fills, and SMTP."""

import base64
import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from mail.server import Bearer, Security, Server
from mail.smtp.connection import SmtpServer

USER = "support@desk.example"
BOTH = ("XOAUTH2", "OAUTHBEARER")
REFUSAL = {"status": "400", "schemes": "Bearer", "scope": "https://mail.example/"}


@dataclass(slots=True)
class TokenMail:
    """Both servers: `is_good` says which tokens let in, `offers` which mechanisms there are.

    `logins` are those that were tried, as protocol, mechanism and token; `answers` what came after an error challenge.
    A refusal is answered with `imap_words` and `smtp_words`. `cut_at` breaks the IMAP connection at the body of this
    UID, once, after `at_cut` was called: with BYE, or without a word `within` the body. `fetched` are the UIDs whose
    bodies were asked for; `idle` are the connections that wait for news. Where `session_words` are given, an SMTP
    session ends with its token: MAIL is answered with them. `at_sent` is called when a mail was taken.
    """

    is_good: Callable[[str], bool]
    imap_port: int = 0
    smtp_port: int = 0
    offers: tuple[str, ...] = BOTH
    mails: dict[int, bytes] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    imap_words: str = "NO [AUTHENTICATIONFAILED] Authentication failed."
    smtp_words: str = "535 5.7.8 Authentication credentials invalid"
    cut_at: int = 0
    within: bool = False
    fetched: list[int] = field(default_factory=list)
    session_words: str = ""
    at_sent: Callable[[], None] = lambda: None
    at_cut: Callable[[], None] = lambda: None
    idle: list[socket.socket] = field(default_factory=list)

    def kick(self) -> None:
        """End the connections that are in IDLE, as servers do whose tokens end."""
        for connection in self.idle:
            connection.sendall(b"* BYE Session expired\r\n")
            connection.shutdown(socket.SHUT_RDWR)
        self.idle.clear()

    def imap(self, bearer: Bearer) -> Server:
        """The IMAP account."""
        return Server("127.0.0.1", self.imap_port, Security.PLAIN, USER, "", 5, bearer=bearer)

    def smtp(self, bearer: Bearer) -> SmtpServer:
        """The SMTP account."""
        return SmtpServer("127.0.0.1", self.smtp_port, Security.PLAIN, USER, "", 5, bearer=bearer)

    def lets_in(self, protocol: str, mechanism: str, first: bytes) -> bool:
        """Whether a first word lets in; it is taken apart as the standard says."""
        fields = first.decode().split("\x01")
        name = f"user={USER}" if mechanism == "XOAUTH2" else f"n,a={USER},"
        token = next((one.removeprefix("auth=Bearer ") for one in fields if one.startswith("auth=Bearer ")), "")
        self.logins.append((protocol, mechanism, token))
        return fields[0] == name and fields[-2:] == ["", ""] and self.is_good(token)


CHALLENGE = base64.b64encode(json.dumps(REFUSAL).encode())


class _Talk(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    @property
    def state(self) -> TokenMail:
        return self.server.state  # type: ignore[attr-defined,no-any-return]

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def refuse(self) -> None:
        self.state.answers.append(base64.b64decode(self.rfile.readline().strip()))


class _Imap(_Talk):
    def handle(self) -> None:
        words = " ".join(f"AUTH={name}" for name in self.state.offers)
        with suppress(OSError):
            self.say(f"* OK [CAPABILITY IMAP4rev1 IDLE {words}] ready")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                verb = command.removeprefix("UID ").split(" ")[0].upper()
                if not self._answer(tag, verb, command):
                    return

    def _answer(self, tag: str, verb: str, command: str) -> bool:
        if verb == "AUTHENTICATE":
            self.say("+ ")
            first = base64.b64decode(self.rfile.readline().strip())
            if not self.state.lets_in("imap", command.split(" ")[1], first):
                self.say(f"+ {CHALLENGE.decode()}")
                self.refuse()
                self.say(f"{tag} {self.state.imap_words}")
                return True
        asked = [int(uid) for uid in re.findall(r"\d+", command.partition("(")[0])]
        if verb == "FETCH" and "BODY" in command:
            self.state.fetched += asked
            if self.state.cut_at in asked:
                self._cut(command, asked)
                return False
        if verb == "IDLE":
            self.state.idle.append(self.connection)
            self.say("+ idling")
            self.rfile.readline()
        self.wfile.write(self._untagged(verb, command, asked))
        self.say(f"{tag} OK done")
        return verb != "LOGOUT"

    def _cut(self, command: str, asked: list[int]) -> None:
        uid, self.state.cut_at = self.state.cut_at, 0
        self.state.at_cut()
        self.wfile.write(self._untagged("FETCH", command, [one for one in asked if one < uid]))
        if self.state.within:
            mail = self._untagged("FETCH", command, [uid])
            self.wfile.write(mail[: len(mail) // 2])
        else:
            self.say("* BYE Session invalidated - AccessTokenExpired")

    def _untagged(self, verb: str, command: str, asked: list[int]) -> bytes:
        mails, words = self.state.mails, " ".join(f"AUTH={name}" for name in self.state.offers)
        uids = " ".join(map(str, sorted(mails)))
        if verb == "FETCH":
            there = [uid for uid in asked if uid in mails]
            if "RFC822.SIZE" in command:
                return b"".join(
                    b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(mails[uid])) for uid in there
                )
            head = b'* %d FETCH (UID %d INTERNALDATE "01-Mar-2026 12:30:00 +0000" BODY[] {%d}\r\n%s)\r\n'
            return b"".join(head % (uid, uid, len(mails[uid]), mails[uid]) for uid in there)
        untagged = {
            "CAPABILITY": f"* CAPABILITY IMAP4rev1 IDLE {words}\r\n",
            "SELECT": f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\*)] x\r\n",
            "SEARCH": f"* SEARCH {uids}\r\n",
            "LOGOUT": "* BYE see you\r\n",
        }
        return untagged.get(verb, "").encode()


class _Smtp(_Talk):
    def handle(self) -> None:
        with suppress(OSError):
            self.say("220 sink.example")
            token = ""
            while line := self.rfile.readline():
                words = line.decode().split()
                verb = words[0].upper() if words else ""
                if verb == "EHLO":
                    self.say("250-sink.example", f"250 AUTH {' '.join(self.state.offers)}")
                elif verb == "AUTH":
                    token = self._log_in(words[1], words[2])
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                elif verb == "DATA" and token:
                    self._take()
                elif verb == "MAIL" and self.state.session_words and not self.state.is_good(token):
                    self.say(self.state.session_words)
                else:
                    self.say("250 fine" if token or verb == "RSET" else "530 5.7.0 Authentication required")

    def _log_in(self, mechanism: str, first: str) -> str:
        if self.state.lets_in("smtp", mechanism, base64.b64decode(first)):
            self.say("235 2.7.0 Accepted")
            return self.state.logins[-1][2]
        self.say(f"334 {CHALLENGE.decode()}")
        self.refuse()
        self.say(self.state.smtp_words)
        return ""

    def _take(self) -> None:
        self.say("354 go on")
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            content += self.rfile.readline()
        self.state.sent.append(content[:-3])
        self.state.at_sent()
        self.say("250 taken")


@contextmanager
def running_token_mail(is_good: Callable[[str], bool]) -> Iterator[TokenMail]:
    """Run both servers for the length of the block."""
    with (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Imap) as imap,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as smtp,
    ):
        state = TokenMail(is_good, imap.server_address[1], smtp.server_address[1])
        threads = []
        for server in (imap, smtp):
            server.daemon_threads = True
            server.state = state  # type: ignore[attr-defined]
            threads.append(threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True))
            threads[-1].start()
        try:
            yield state
        finally:
            for server in (imap, smtp):
                server.shutdown()
            for thread in threads:
                thread.join(timeout=10)
