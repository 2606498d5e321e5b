"""Files that commands write for one person."""

import os
from pathlib import Path

from worker.cli.errors import refuse


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, over one that is there; the command ends where it cannot be made."""
    _write(file, text.encode(), os.O_TRUNC)


def write_new(file: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; the command ends where it is there already, or cannot be made."""
    _write(file, content, os.O_EXCL)


def _write(file: Path, content: bytes, where_there: int) -> None:
    """Write the bytes; `where_there` is the flag of open(2) for what becomes of a file that is there."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | where_there, 0o600), "wb") as out:
            out.write(content)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")
