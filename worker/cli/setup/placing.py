"""Files are written beside their places, checked as a start would, and put there together."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from worker.cli.setup.settings_text import SECRET_KEY
from worker.settings.load import ConfigFailure, load_settings

PRIVATE_FOLDER, PRIVATE = 0o700, 0o600


def in_the_way(file: Path, secret_files: Mapping[str, str]) -> list[Path]:
    """What is there already and would be replaced; a secret key that is there is kept, as mails are signed with it."""
    places = [file, *(file.parent / name for name in secret_files if name != SECRET_KEY)]
    return [place for place in places if place.exists()]


def place(file: Path, text: str, secret_files: Mapping[str, str]) -> None:
    """Write the settings to `file` and the secrets beside it; until all of it is written and right, nothing is there.

    Raises OSError, and worker.settings.load.ConfigFailure where the settings could not be used, or a secret key that is
    there; nothing is left then.
    """
    folder = file.absolute().parent
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / SECRET_KEY
    staged = Path(tempfile.mkdtemp(prefix=".supportdesk-init-", dir=folder))
    try:
        contents = dict(secret_files) | ({SECRET_KEY: _kept(key)} if key.exists() else {})
        for name, content in (*contents.items(), (file.name, text)):
            _write(staged / name, content if content.endswith("\n") else f"{content}\n")
        load_settings(staged / file.name, {})
        with _without_signals():
            # The settings come last: where they are, everything that they name is there.
            for name in (*contents, file.name):
                (folder / name).parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
                (staged / name).replace(folder / name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _kept(key: Path) -> str:
    """The secret key that is there, as mails are signed with it."""
    try:
        return key.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigFailure((f"{key} is there already, and is not UTF-8 text; take it away.",)) from None


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


@contextmanager
def _without_signals() -> Iterator[None]:
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
