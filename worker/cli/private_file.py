"""Files that commands write for one person."""

import os
from pathlib import Path

from worker.cli.errors import refuse


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, over one that is there; the command ends where it cannot be made."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")


def write_new(file: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; the command ends where it is there already, or cannot be made."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")
