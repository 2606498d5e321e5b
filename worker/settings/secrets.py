"""Secrets that lie in files of their own, named by `*_file` keys."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import SecretStr

from mail.auth.oauth.client import service_account
from worker.settings.environment import LISTS, SECRETS
from worker.settings.keys import Path

logger = logging.getLogger(__name__)

# Stands for a secret that could not be read, so that its absence is not reported a second time.
UNREADABLE: Final = "unreadable" * 8
# A secret's file has mode 0640 at most: others may do nothing with it, and the group may read it.
FORBIDDEN: Final = 0o037
# What is read again when its file changes: with it one logs in or asks for tokens, time after time. A signing key has
# to be that of all processes at once, and is changed by `supportdesk db keys`.
READ_AGAIN: Final = frozenset({"password", "client_secret", "key"})
SERVICE_ACCOUNT_KEY: Final = "key"


class _Unusable(Exception):
    """A file that holds no secret that can be used: the message is the rest of a sentence that names it."""


class FileSecret(SecretStr):
    """A secret in a file, which is read again when the file has changed.

    What cannot be used, such as a file that is just being written, leaves the secret as it was, and is logged once.
    """

    def __init__(self, file: FilePath, key: str) -> None:
        self._file, self._key, self._trouble = file, key, ""
        self._stamp = _stamp(file)
        super().__init__(_read(file))

    def get_secret_value(self) -> str:
        """The secret, as the file has it now."""
        try:
            if (stamp := _stamp(self._file)) != self._stamp:
                self._secret_value, self._stamp = self._changed(), stamp
            self._trouble = ""
        except _Unusable as failure:
            self._tell(str(failure))
        return super().get_secret_value()

    def _changed(self) -> str:
        text = _read(self._file)
        if self._key == SERVICE_ACCOUNT_KEY and service_account(text) is None:
            raise _Unusable("holds no whole key of a service account")
        logger.info("%s was read again", self._file)
        return text

    def _tell(self, trouble: str) -> None:
        # It is looked at again at each login until it can be used.
        if trouble != self._trouble:
            logger.warning("%s %s; what it held before is used on", self._file, trouble)
        self._trouble = trouble


def _stamp(file: FilePath) -> tuple[int, int, int]:
    """What tells two states of a file apart: when it was written, its size, and which file bears the name."""
    try:
        found = file.stat()
    except OSError as failure:
        raise _Unusable(f"cannot be read: {failure.strerror}") from None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: FilePath) -> str:
    """The text of a file without its last line break. Raises _Unusable."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & FORBIDDEN:
            raise _Unusable(f"may be read by others (mode {mode:04o}); say chmod 640 or 600")
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        raise _Unusable(f"cannot be read: {reason}") from None
    if not text:
        raise _Unusable("is empty")
    return text


def named_files(data: dict[str, Any]) -> dict[Path, str]:
    """The files that hold secrets, as the tables name them, by the path of the key that each stands for."""
    return {
        (*path, key): str(table[f"{key}_file"])
        for path, table in _tables(data)
        for key in sorted(SECRETS)
        if f"{key}_file" in table
    }


def read_secrets(data: dict[str, Any], folder: FilePath) -> list[tuple[Path, str]]:
    """Replace each `*_file` key by the file's text without its last line break; paths are relative to `folder`.

    Returns the paths of keys that could not be followed, each with a sentence.
    """
    problems: list[tuple[Path, str]] = []
    for path, table in _tables(data):
        for key in sorted(SECRETS & {str(name).removesuffix("_file") for name in table if str(name).endswith("_file")}):
            sentence = _replace_by_text(table, key, folder)
            if sentence:
                problems.append(((*path, f"{key}_file"), sentence))
    return problems


def _tables(data: dict[str, Any], above: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name, value in data.items():
        entries = enumerate(value) if isinstance(value, list) else ()
        found = [((*above, name), value), *(((*above, name, number), table) for number, table in entries)]
        for path, table in found:
            if isinstance(table, dict):
                yield path, table
                yield from _tables(table, path)


def _replace_by_text(table: dict[str, Any], key: str, folder: FilePath) -> str | None:
    named = table.pop(f"{key}_file")
    if key in table:
        return f"give {key} or {key}_file, not both"
    table[key] = [UNREADABLE] if key in LISTS else UNREADABLE
    if not isinstance(named, str):
        return "must be the path of a file"
    try:
        if key in READ_AGAIN:
            table[key] = FileSecret(folder / named, key)
        else:
            text = _read(folder / named)
            table[key] = text.split() if key in LISTS else text
    except _Unusable as failure:
        return f'"{named}" {failure}'
    return None
