"""MAIL, RCPT and DATA in one flight (RFC 2920): what the three replies say, and the bytes that follow a 354."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GO_ON: Final = 354
# With this reply to any command the server closes the connection (RFC 5321, section 3.8).
CLOSING: Final = 421
# What a server says that takes one command at a time: not recognised, not implemented, out of sequence (RFC 5321,
# section 4.2.4), or a mistake in the protocol (RFC 3463, section 3.6).
OUT_OF_STEP: Final = (500, 502, 503)
PROTOCOL: Final = ("5.5.0", "5.5.1")


class Next(StrEnum):
    """What is to be done after the three replies.

    `EMPTY`: no recipient was taken, and the server waits for content all the same. It gets the last dot alone, which is
    an empty message to nobody. `BROKEN`: the server cannot do it. Nothing more is sent, and the connection is dropped:
    what was not ended with a dot may not be delivered (RFC 5321, section 4.1.1.4).
    """

    CONTENT = "content"
    REFUSED = "refused"
    EMPTY = "empty"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Flight:
    """What is to be done, and the place of the reply that decides it: 0 to MAIL, 1 to RCPT, 2 to DATA."""

    next: Next
    place: int = 0


def weigh(replies: Sequence[tuple[int, bytes]]) -> Flight:
    """What the replies to MAIL, RCPT and DATA say, in the order in which they came; the last may be a 421.

    Content is sent only where MAIL and RCPT were taken and a 354 came third. Any other order of replies is no order.
    """
    codes = [code for code, _ in replies]
    closing = next((place for place, code in enumerate(codes) if code == CLOSING), None)
    if closing is not None:
        return Flight(Next.REFUSED, closing)
    if len(codes) != 3 or not all(map(_is_answer, codes[:2])) or not (codes[2] == GO_ON or 400 <= codes[2] < 600):
        return Flight(Next.BROKEN)
    refused = next((place for place, code in enumerate(codes) if code >= 400), None)
    if refused is None:
        return Flight(Next.CONTENT)
    if _is_out_of_step(*replies[refused]):
        return Flight(Next.BROKEN)
    if codes[2] != GO_ON:
        return Flight(Next.REFUSED, refused)
    # Where RCPT was taken, somebody would get the empty message.
    return Flight(Next.EMPTY, 1) if codes[0] < 300 and codes[1] >= 400 else Flight(Next.BROKEN)


def _is_answer(code: int) -> bool:
    return 200 <= code < 300 or 400 <= code < 600


def _is_out_of_step(code: int, text: bytes) -> bool:
    return code in OUT_OF_STEP or text.decode("ascii", "replace").startswith(PROTOCOL)


def content(message: bytes) -> bytes:
    """A message, whose line ends are CRLF, as it follows a 354: dots doubled, one to end it (RFC 5321, 4.5.2)."""
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    end = b"" if stuffed.endswith(b"\r\n") else b"\r\n"
    return b"%b%b.\r\n" % (stuffed, end)
