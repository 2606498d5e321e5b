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
    """End this process where the block takes longer, be it in a C call that never returns.

    The kernel ends it (SIGALRM at its default action), for no handler of Python's runs inside a C call. Celery's
    prefork pool puts a new child in its place; under `--pool solo` the worker itself ends, and whoever supervises it
    has to start it again. The claim expires and charges what the claim says: nobody for a batch, a row that was
    alone. Only a main thread can set a signal's action, so in another one there is no limit. An alarm that was set
    before goes on afterwards.
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
    """Raise MemoryError where the block takes so much more memory than the process has now.

    That is an error of the mail, where the system's own way out would be to kill some process. The limit is the
    process's (RLIMIT_AS), so there is none where other threads work beside, nor where the system does not say how
    much is taken.
    """
    used = _address_space() if _in_main_thread() else None
    if used is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_lower(used + megabytes * MEGABYTE, soft), hard))
    try:
        yield
    except Exception as error:
        if _says_out_of_memory(error):
            raise MemoryError(f"more than {megabytes} MB were needed") from error
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _lower(wanted: int, soft: int) -> int:
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)


def _address_space() -> int | None:
    """The bytes of address space that the process has (proc(5), statm); None where there is no such file."""
    try:
        return int(STATM.read_text().split()[0]) * resource.getpagesize()
    except OSError:
        _say_once("this system does not say how much memory a process has, so a mail's memory has no limit")
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
    _say_once("mails are worked in a thread, so neither their time nor their memory has a limit")
    return False


@cache
def _say_once(sentence: str) -> None:
    logger.warning("Limits: %s", sentence)
