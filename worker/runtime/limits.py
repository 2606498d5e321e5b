"""The limits of one mail: the time and the memory that it may take before it is ended for the others' sake."""

import logging
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
STATM = Path("/proc/self/statm")
# What libpq says.
NO_MEMORY = ("out of memory", "cannot allocate memory")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End this process where the block takes longer, even inside a C call that never returns.

    The kernel ends it (SIGALRM with its default action), as no Python handler runs inside a C call. Celery's prefork
    pool starts a new child in its place; under `--pool solo` the worker itself ends, and its supervisor has to start
    it again. The claim then expires; a row that was claimed alone has used up one of its tries, the rows of a batch
    have not. Only the main thread can set a signal's action, so in another thread there is no limit. An alarm that
    was set before continues afterwards.
    """
    if not _in_main_thread():
        yield
        return
    began, (left, interval) = time.monotonic(), signal.setitimer(signal.ITIMER_REAL, 0)
    action = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if action is None else action)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), interval)


@contextmanager
def memory_limit(megabytes: int) -> Iterator[None]:
    """Raise MemoryError where the block needs so many megabytes more than the process has now.

    That is an error of the mail; without it the system would kill some process. The limit is that of the process
    (RLIMIT_AS), so there is none beside other threads, nor on a system without /proc/self/statm.
    """
    used = address_space() if _in_main_thread() else None
    if used is None:
        yield
        return
    wanted = used + megabytes * MEGABYTE
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    lower = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    resource.setrlimit(resource.RLIMIT_AS, (lower, hard))
    try:
        yield
    except Exception as error:
        if _says_out_of_memory(error):
            raise MemoryError(f"more than {megabytes} MB were needed") from error
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def resident_memory() -> int | None:
    """The bytes of memory that the process has now (proc(5), statm); None where there is no such file."""
    return _statm(1)


def address_space() -> int | None:
    """The bytes of address space that the process has (proc(5), statm); None where there is no such file."""
    return _statm(0)


def _statm(place: int) -> int | None:
    try:
        return int(STATM.read_bytes().split()[place]) * resource.getpagesize()
    except OSError:
        warn_once("this system does not say how much memory a process has, so a mail's memory has no limit")
        return None


def _says_out_of_memory(error: Exception) -> bool:
    # The database's client library says so without a code, which looks like a lost connection and would be tried
    # for ever; a server that is out of memory has a code, and is not the mail's fault.
    origin = getattr(error, "orig", None) or error
    if getattr(origin, "sqlstate", None) is not None:
        return False
    return any(words in str(origin) for words in NO_MEMORY)


def _in_main_thread() -> bool:
    if threading.current_thread() is threading.main_thread():
        return True
    warn_once("mails are worked in a thread, so neither their time nor their memory has a limit")
    return False


@cache
def warn_once(sentence: str) -> None:
    """Log a warning, once in the life of the process for each sentence."""
    logger.warning("Limits: %s", sentence)
