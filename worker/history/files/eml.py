"""Mails in files of their own: a file of any name, or all files below a folder whose names end in .eml."""

from collections.abc import Iterator
from pathlib import Path

from worker.history.files.mbox import GZIP, LINE_BYTES, ZIP, has_several, read_beginning
from worker.history.files.place import MailPlace, NoMail, Report, shown, stamp_of


def places_in_eml(path: str, report: Report) -> Iterator[MailPlace]:
    """The mail in a file, or each below a folder, sorted by name; what cannot be read there is reported.

    Raises OSError, and NoMail where a folder has no such file.
    """
    if not Path(path).is_dir():
        yield _place(path)
        return
    found = False
    for file in sorted(Path(path).rglob("*")):
        if not file.name.lower().endswith(".eml") or file.is_dir():
            continue
        found = True
        try:
            yield _place(str(file))
        except OSError as error:
            report(f"{shown(str(file))} cannot be read: {error.strerror}.")
        except NoMail as reason:
            report(str(reason))
    if not found:
        raise NoMail(f"{shown(path)} has no file that ends in .eml. {_hint(Path(path))}")


def _place(path: str) -> MailPlace:
    stamp = stamp_of(path)
    with Path(path).open("rb") as file:
        first = file.read(2 * LINE_BYTES)
    if not first.strip():
        raise NoMail(f"{shown(path)} is empty: there is no mail in it.")
    if first.startswith((GZIP, ZIP)):
        raise NoMail(f"{shown(path)} is packed: unpack it first, and name what comes out.")
    # Some programs save a single mail with the line that it has in an mbox.
    begun = read_beginning(first)
    start, kept_at = begun or (0, None)
    if begun and has_several(path):
        raise NoMail(f"{shown(path)} holds several mails: `supportdesk import mbox` takes it.")
    return MailPlace(path, start, stamp[1] - start, stamp[2] / 1e9 if kept_at is None else kept_at, stamp)


def _hint(path: Path) -> str:
    is_maildir = any((path / name).is_dir() for name in ("cur", "new"))
    return "It looks like a maildir: `supportdesk import maildir` takes it." if is_maildir else "Name another folder."
