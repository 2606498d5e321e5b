"""Celery with a parser that does what the header X-Poison says: `poisoned_worker.py -A worker.app worker …`."""

import os
import re
import signal
from collections.abc import Callable

from celery.__main__ import main

from mail.inbound import parse as parser
from mail.inbound.message import InboundMail

real = parser.parse


def raise_an_error() -> None:
    raise ValueError("this mail is poison")


def hang_in_c() -> None:
    # Some 2^64 steps inside one call; the interpreter runs no signal handler of Python's meanwhile.
    re.match("(a+)+$", "a" * 64 + "b")


def end_the_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def take_all_memory() -> None:
    # More than any limit of the tests; a machine without limits is spared.
    taken = [bytearray(1024 * 1024) for _ in range(2048)]
    raise AssertionError(f"nobody minded {len(taken)} MB")


POISONS: dict[bytes, Callable[[], None]] = {
    b"raises": raise_an_error,
    b"hangs": hang_in_c,
    b"kills": end_the_process,
    b"hoards": take_all_memory,
}


def parse(raw: bytes) -> InboundMail:
    marked = re.search(rb"^X-Poison: (\w+)", raw, re.MULTILINE)
    if marked:
        POISONS[marked[1]]()
    return real(raw)


if __name__ == "__main__":
    # Intake takes the function by its name when it is imported, which is later.
    parser.parse = parse
    main()
