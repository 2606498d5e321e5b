"""The benchmark's SMTP server: what it writes down of a mail, and in which order it answers."""

import asyncio
from pathlib import Path

from bench.speed.stage.sink import Sink, SinkLog, digest

FIRST = b"From: a@desk.example\r\nMessage-ID: <one@desk.example>\r\n\r\nOne.\r\n"
SECOND = b"From: a@desk.example\r\nMessage-Id: <two@desk.example>\r\n\r\nTwo.\r\n"


class Wire(asyncio.Transport):
    """What the sink writes, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.answers += bytes(data).splitlines()

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False


def talk(file: Path, *flights: bytes, seconds: float = 0.0) -> Wire:
    async def converse() -> Wire:
        sink, wire = Sink(file, seconds), Wire()
        sink.connection_made(wire)
        for flight in flights:
            sink.data_received(flight)
        await asyncio.sleep(3 * seconds)
        return wire

    return asyncio.run(converse())


def one_flight(mail: bytes, *recipients: str) -> bytes:
    to = "".join(f"RCPT TO:<{one}>\r\n" for one in recipients)
    return f"MAIL FROM:<a@desk.example>\r\n{to}DATA\r\n".encode() + mail + b".\r\n"


def test_a_mail_is_written_down_with_its_recipients_and_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "sink.txt"

    talk(file, one_flight(FIRST, "x@one.example", "y@two.example"), one_flight(SECOND, "z@one.example"))
    found = [(mail.message_id, mail.recipients, mail.digest) for mail in SinkLog(file).mails()]

    assert found == [
        ("one@desk.example", ("x@one.example", "y@two.example"), digest(FIRST)),
        ("two@desk.example", ("z@one.example",), digest(SECOND)),
    ]


def test_a_digest_is_that_of_the_mail_as_it_was_before_dots_were_stuffed_into_it(tmp_path: Path) -> None:
    file, mail = tmp_path / "sink.txt", FIRST + b".\r\n..\r\nThe end.\r\n\r\n"

    talk(file, one_flight(mail.replace(b"\r\n.", b"\r\n.."), "x@one.example"))

    assert [one.digest for one in SinkLog(file).mails()] == [digest(mail)]


def test_who_leaves_is_told_so(tmp_path: Path) -> None:
    assert talk(tmp_path / "sink.txt", b"QUIT\r\n").answers[-1] == b"221 bye"


def test_what_comes_behind_a_mail_is_answered_after_it(tmp_path: Path) -> None:
    wire = talk(tmp_path / "sink.txt", one_flight(FIRST, "x@one.example") + b"EHLO desk.example\r\n", seconds=0.02)

    assert wire.answers[-4:] == [b"250 taken", b"250-localhost", b"250-SIZE 67108864", b"250 PIPELINING"]
