"""Files that commands write for one person."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import rich_click as click

from worker.cli.errors import refuse

NEW_FILE = click.argument("file", type=click.Path(path_type=Path), metavar="FILE", help="A file that is not there yet.")


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, in place of one that is there; the command ends where it cannot be.

    One that others could read, or opened before, gets nothing of it. A pipe or a device is written to as it is.
    """
    is_place = file.exists() and not file.is_file()
    part = file if is_place else _part_beside(file)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | (0 if is_place else os.O_CREAT | os.O_EXCL), 0o600), "wb") as out:
            out.write(text.encode())
        if not is_place:
            part.replace(file)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")
    finally:
        if not is_place:
            with suppress(OSError):
                part.unlink()


def _part_beside(file: Path) -> Path:
    """The name that a file has until it is whole."""
    return file.parent / f".supportdesk-{os.getpid()}.part"


@contextmanager
def new_file(file: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which is `file` once the block has ended, and never in part.

    It is readable for its owner alone. What the block writes goes to a name beside it, which is removed where the block
    raises. The command ends where there is a `file` already, or it cannot be written.
    """
    part = _part_beside(file)
    try:
        if file.is_dir():
            refuse(f"{file} is a folder; name a new file in it.")
        if os.path.lexists(file):
            refuse(f"{file} is there already, and nothing was written over it. Name a new file.")
        # A name that no file can have is not found out when all is written.
        with suppress(FileNotFoundError):
            file.lstat()
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        _give_name(part, file)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror or error}. Nothing is left of it.")
    finally:
        with suppress(OSError):
            part.unlink()


def _give_name(part: Path, file: Path) -> None:
    """Give a written file its name; FileExistsError where somebody else made one of that name meanwhile."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise
    except OSError:
        # A file system without a second name for a file.
        if file.exists():
            raise FileExistsError(17, "File exists") from None
        part.rename(file)
