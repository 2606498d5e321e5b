"""Ids of SupportDesk's rows in the form that its Prisma application makes and checks: cuid, first version."""

import os
import secrets
import socket
import time
from functools import cache
from itertools import count

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BLOCK = 36**4

# Reading the next number is one step of the interpreter, so threads never see the same one.
_counter = count(secrets.randbelow(_BLOCK))


def new_id() -> str:
    """A new id: `c`, the time in milliseconds (8), a counter (4), this process (4) and chance (8), in base 36."""
    moment = time.time_ns() // 1_000_000
    chance = secrets.randbelow(_BLOCK**2)
    return f"c{_base36(moment, 8)}{_base36(next(_counter), 4)}{_fingerprint(os.getpid())}{_base36(chance, 8)}"


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


@cache
def _fingerprint(pid: int) -> str:
    """Two digits of the process and two of the machine; a forked process has its own."""
    return _base36(pid, 2) + _base36(sum(socket.gethostname().encode()) + 36, 2)
