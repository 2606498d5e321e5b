"""A proxy before an SMTP server: it asks for a token, offers PIPELINING, and cuts several connections at once."""

import asyncio
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

from bench.chaos.faults import AT_POINT, Faults, Point, TakenMail
from bench.chaos.mails import DeskMail
from bench.chaos.processes import owner_of_port
from bench.chaos.tokens.gate import CLOSING, NOBODY, SMTP, Gate, log_in_over_smtp, offered

# The largest mail that passes; asyncio's own limit is 64 KB.
LARGEST = 64 * 1024 * 1024
# How many seconds a mail takes, so that several are on their way.
LEAST_SECONDS, MOST_SECONDS = 0.1, 0.8
END = b"\r\n.\r\n"
# The largest piece of a mail that passes before it is cut within.
LONGEST_PIECE = 6000

Side = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True, eq=False)
class Conversation:
    """A connection from the desk with its own to the server; `spared` where its mail was tried before.

    `token` is what it logged in with, empty before.
    """

    client: Side
    server: Side
    process: int
    token: str = ""
    spared: bool = False
    is_cut: bool = False

    def cut(self) -> None:
        """End the client's connection at once; what the server has already, it may take."""
        self.is_cut = True
        self.client[1].transport.abort()

    def say(self, answer: bytes) -> None:
        """Pass an answer on, if there is still somebody to hear it."""
        if not self.is_cut:
            self.client[1].write(answer)

    async def hear(self) -> bytes:
        """The client's next line, empty at its end."""
        try:
            return await self.client[0].readline()
        except OSError:
            return b""

    async def answer(self) -> bytes:
        """The server's next answer, of all its lines."""
        lines = [await self.server[0].readline()]
        while lines[-1][3:4] == b"-":
            lines.append(await self.server[0].readline())
        return b"".join(lines)


@dataclass(slots=True)
class SmtpProxy:
    """All connections to one SMTP server on this machine."""

    faults: Faults
    port: int
    gate: Gate
    open: set[Conversation] = field(default_factory=set)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        server = await asyncio.open_connection("127.0.0.1", self.port, limit=LARGEST)
        conversation = Conversation((reader, writer), server, owner_of_port(writer.get_extra_info("peername")[1]))
        self.open.add(conversation)
        self.faults.most_open = max(self.faults.most_open, len(self.open))
        try:
            await self._pass_all(conversation)
        finally:
            self.open.remove(conversation)
            server[1].transport.abort()

    async def _pass_all(self, one: Conversation) -> None:
        """Pass command after command and answer after answer, also of commands that came in one flight (RFC 2920)."""
        taken: TakenMail | None = None
        self.gate.came.append((SMTP, time.monotonic()))
        one.say(await one.answer())
        while line := await one.hear():
            taken, word = None, line[:4].upper()
            if word == b"AUTH":
                one.token = await log_in_over_smtp(self.gate, one.client, line)
                continue
            if word == b"MAIL" and self._begins(one, line):
                return
            one.server[1].write(line)
            answer = await one.answer()
            if word == b"RCPT" and self._cuts(one, Point.AFTER_RCPT):
                return
            one.say(offered(answer) if word == b"EHLO" else answer)
            if answer.startswith(b"354"):
                taken = await self._pass_data(one)
            if one.is_cut:
                return
        if taken:
            taken.left_at = time.monotonic()

    def _begins(self, one: Conversation, line: bytes) -> bool:
        """Whether the connection ends, or is cut, before this MAIL."""
        if not one.token or self.gate.ends_session(SMTP, one.token):
            one.say(CLOSING if one.token else NOBODY)
            return True
        # A mail that was tried before goes through, or it would wait longer and longer.
        sender = line.partition(b">")[0]
        one.spared = sender in self.faults.tried
        self.faults.tried.add(sender)
        return self._cuts(one, Point.BEFORE_MAIL)

    def _cuts(self, one: Conversation, point: Point) -> bool:
        """Cut this connection, if the dice say so; whether it is cut."""
        if self._is_struck(one):
            self._cut(one, point)
        return one.is_cut

    def _is_struck(self, one: Conversation) -> bool:
        return not (one.spared or one.is_cut) and self.faults.strikes(AT_POINT)

    def _cut(self, one: Conversation, point: Point) -> None:
        """Cut a connection, and with it some of the others, wherever they are."""
        others = [other for other in self.open if other is not one and not (other.spared or other.is_cut)]
        along = self.faults.dice.sample(others, self.faults.dice.randint(min(1, len(others)), len(others)))
        self.faults.done[f"SMTP cut {point}"] += 1
        self.faults.done["SMTP cut along with another"] += len(along)
        for other in (one, *along):
            other.cut()

    async def _pass_data(self, one: Conversation) -> TakenMail | None:
        """Pass a mail on, and write it down where the server took it."""
        if self._cuts(one, Point.AFTER_GO_ON):
            return None
        if self._is_struck(one):
            piece = await one.client[0].read(self.faults.dice.randint(1, LONGEST_PIECE))
            one.server[1].write(piece[: -len(END)])
            self._cut(one, Point.IN_BODY)
            return None
        raw = await one.client[0].readuntil(END)
        one.server[1].write(raw)
        self._cuts(one, Point.AFTER_DOT)
        answer = await one.answer()
        taken = TakenMail(_read_mail(raw), time.monotonic(), cut=False, client=one.process)
        if answer.startswith(b"2"):
            self.faults.taken.append(taken)
        await asyncio.sleep(self.faults.dice.uniform(LEAST_SECONDS, MOST_SECONDS))
        if self._is_struck(one):
            one.say(answer[: self.faults.dice.randrange(len(answer))])
            self._cut(one, Point.IN_ANSWER)
        taken.cut = one.is_cut
        one.say(answer)
        return taken


def _read_mail(raw: bytes) -> DeskMail:
    mail = message_from_bytes(raw)
    subject = " ".join(str(make_header(decode_header(mail["Subject"] or ""))).split())
    recipient, reply_to = (parseaddr(mail[name] or "")[1] for name in ("To", "Reply-To"))
    refers = f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}"
    return DeskMail(recipient, subject, (mail["Message-ID"] or "").strip(" <>"), reply_to, refers)
