"""Logins at the proxies: the servers take nobody but who has a token (RFC 7628), and end sessions with their token."""

import asyncio
import base64
import json
import time
from binascii import Error
from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from bench.chaos.tokens.provider import Provider, Trouble

USER: Final = "support@desk.example"
MECHANISM: Final = "XOAUTH2"
IMAP, SMTP = "IMAP", "SMTP"
BEFORE_LOGIN: Final = f"IMAP4rev1 LOGINDISABLED AUTH={MECHANISM}"
CHALLENGE: Final = base64.b64encode(json.dumps({"status": "400", "schemes": "Bearer"}).encode())
BYE: Final = b"* BYE Session invalidated - AccessTokenExpired\r\n"
CLOSING: Final = b"421 4.7.0 The token of this session has ended\r\n"
NOBODY: Final = b"530 5.7.0 Authentication required\r\n"

Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class PlannedEnd:
    """An end that comes with the next mail that is fetched; the trouble lasts for so many seconds."""

    trouble: Trouble | None
    seconds: float


@dataclass(slots=True)
class Gate:
    """What is asked of each login, and when (monotonic) connections came and were let in, by protocol.

    `password` opens the servers behind the proxies. `done` counts refused logins and ended sessions.
    """

    provider: Provider
    password: str
    came: list[tuple[str, float]] = field(default_factory=list)
    let_in: list[tuple[str, float]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    planned: SimpleQueue[PlannedEnd] = field(default_factory=SimpleQueue)

    def end_in_fetch(self) -> bool:
        """Make the end that is planned for a FETCH, if there is one; whether there was."""
        try:
            planned = self.planned.get_nowait()
        except Empty:
            return False
        self.provider.end(planned.trouble, planned.seconds, in_fetch=True)
        return True

    def ends_session(self, protocol: str, token: str) -> bool:
        """Whether a session ends because its token has."""
        if self.provider.is_good(token):
            return False
        self.done[f"{protocol} session ended with its token"] += 1
        return True

    def lets_in(self, protocol: str, first: bytes) -> str:
        """The token of a client's first word where it lets in, else nothing."""
        try:
            fields = base64.b64decode(first.strip()).decode().split("\x01")
        except (Error, ValueError):
            fields = []
        token = fields[1].removeprefix("auth=Bearer ") if len(fields) == 4 else ""
        if fields != [f"user={USER}", f"auth=Bearer {token}", "", ""] or not self.provider.is_good(token):
            self.done[f"{protocol} login refused"] += 1
            return ""
        self.let_in.append((protocol, time.monotonic()))
        return token


async def log_in_over_imap(gate: Gate, client: Side, server: Side) -> str:
    """Talk with a client until it has logged in; the token, empty where it left.

    The server's answer to the login is still to be passed on.
    """
    reader, writer = client
    gate.came.append((IMAP, time.monotonic()))
    await server[0].readline()
    writer.write(f"* OK [CAPABILITY {BEFORE_LOGIN}] ready\r\n".encode())
    while line := await reader.readline():
        tag, _, command = line.strip().partition(b" ")
        verb = command.upper()
        if verb == b"AUTHENTICATE " + MECHANISM.encode():
            if token := await _ask_over_imap(gate, client, tag):
                server[1].write(b'%s LOGIN "%s" "%s"\r\n' % (tag, USER.encode(), gate.password.encode()))
                return token
        elif verb == b"CAPABILITY":
            writer.write(f"* CAPABILITY {BEFORE_LOGIN}\r\n".encode() + tag + b" OK done\r\n")
        elif verb == b"LOGOUT":
            writer.write(b"* BYE see you\r\n" + tag + b" OK done\r\n")
        else:
            writer.write(tag + b" NO [PRIVACYREQUIRED] log in with a token first\r\n")
    return ""


async def _ask_over_imap(gate: Gate, client: Side, tag: bytes) -> str:
    reader, writer = client
    writer.write(b"+ \r\n")
    token = gate.lets_in(IMAP, await reader.readline())
    if not token:
        writer.write(b"+ " + CHALLENGE + b"\r\n")
        await reader.readline()
        writer.write(tag + b" NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")
    return token


async def log_in_over_smtp(gate: Gate, client: Side, line: bytes) -> str:
    """Answer AUTH; the token, empty where it does not let in."""
    reader, writer = client
    words = line.split()
    token = gate.lets_in(SMTP, words[2]) if len(words) == 3 and words[1].upper() == MECHANISM.encode() else ""
    if not token:
        writer.write(b"334 " + CHALLENGE + b"\r\n")
        await reader.readline()
    writer.write(b"235 2.7.0 Accepted\r\n" if token else b"535 5.7.8 Credentials not accepted\r\n")
    return token


def offered(answer: bytes) -> bytes:
    """The answer to EHLO with tokens as the only login, and with pipelining (RFC 2920)."""
    lines = [line for line in answer.splitlines(keepends=True) if line[4:8].upper() != b"AUTH"]
    last = lines.pop()
    return b"".join([*lines, last[:3] + b"-" + last[4:], f"250-AUTH {MECHANISM}\r\n".encode(), b"250 PIPELINING\r\n"])
