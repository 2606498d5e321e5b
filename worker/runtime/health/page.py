"""The program of the settings that tells somebody where our own mail may not arrive."""

import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from mail.mime.text import one_line

logger = logging.getLogger(__name__)

PAGE_SECONDS = 10.0
# What stands for the words in an argument of the program.
TEXT = "{text}"
LONGEST_TEXT = 1000
LONGEST_OUTPUT = 300


def page(command: Sequence[str], text: str, seconds: float = PAGE_SECONDS) -> bool:
    """Run a program without a shell, with the words in its arguments; True where it ended with status 0 in time.

    One that hangs is ended with all that it started. What goes wrong is said in the log.
    """
    words = [word.replace(TEXT, one_line(text, LONGEST_TEXT)) for word in command]
    with tempfile.TemporaryFile() as output:
        try:
            # A session of its own, so that what the program starts can be ended with it.
            running = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        except OSError as error:
            logger.error("The alarm program %s cannot be run: %s", command[0], error.strerror)  # noqa: TRY400
            return False
        try:
            status = running.wait(seconds)
        except subprocess.TimeoutExpired:
            _end(running)
            logger.error("The alarm program %s hung and was ended after %s s", command[0], seconds)  # noqa: TRY400
            return False
        except BaseException:
            # It stands in a session of its own, where Ctrl-C does not reach it.
            _end(running)
            raise
        if status:
            output.seek(0)
            said = one_line(output.read(LONGEST_OUTPUT).decode(errors="replace"), LONGEST_OUTPUT)
            logger.error("The alarm program %s ended with status %s: %s", command[0], status, said or "no word")
    return status == 0


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
