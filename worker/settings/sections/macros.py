"""The folder of texts that staff send by `#say`: read at the start, and again where one of its files has changed."""

import logging
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

from desk.commands.arguments.macros import Macro, MacroFailure, Macros, macro_name, read_macro

logger = logging.getLogger(__name__)

ENDING: Final = ".txt"
LARGEST: Final = 10_000
MOST: Final = 500
Stamp = tuple[tuple[str, int, int, int], ...]


class MacroFolder:
    """The texts of a folder, as they are now; a folder that is not there has none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._stamp: Stamp = ()
        self._macros: Macros = {}
        self.troubles: tuple[str, ...] = ()

    def read(self) -> Macros:
        """The texts by name, None for each that cannot be used; files are opened only where something has changed."""
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return self._macros
        self._stamp = stamp
        self._macros, troubles = _read_all(self._folder, [name for name, *_ in stamp])
        for trouble in sorted({*troubles} - {*self.troubles}):
            logger.warning("%s", trouble)
        self.troubles = troubles
        return self._macros


def _stamp(folder: Path | None) -> Stamp:
    """What tells two states of a folder apart: its files, when each was written, its size, and which it is."""
    found = []
    with suppress(OSError):
        for file in folder.iterdir() if folder is not None else ():
            # A file may go while the folder is looked through.
            with suppress(OSError):
                one = file.stat()
                if _is_macro(file) and S_ISREG(one.st_mode):
                    found.append((file.name, one.st_mtime_ns, one.st_size, one.st_ino))
    return tuple(sorted(found))


def _is_macro(file: Path) -> bool:
    return file.suffix.lower() == ENDING and not file.name.startswith(".")


def _read_all(folder: Path | None, names: list[str]) -> tuple[Macros, tuple[str, ...]]:
    macros: dict[str, Macro | None] = {}
    troubles: list[str] = []
    for file in (folder / name for name in names[:MOST] if folder is not None):
        name = macro_name(file.stem)
        if not name or name in macros:
            troubles.append(f'"{file}" needs a name of letters, digits, - and _ that no other file has')
            continue
        try:
            macros[name] = read_macro(_content(file))
        except MacroFailure as failure:
            macros[name] = None
            troubles.append(f'"{file}" {failure}')
    if len(names) > MOST:
        troubles.append(f'"{folder}" holds more than {MOST} texts; the first {MOST} by name are used')
    return macros, tuple(troubles)


def _content(file: Path) -> str:
    """What a file holds. Raises MacroFailure where it cannot be used."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise MacroFailure(f"is larger than {LARGEST // 1000} kB")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MacroFailure("is not UTF-8 text") from None
    except OSError as error:
        raise MacroFailure(f"cannot be read: {error.strerror}") from None
