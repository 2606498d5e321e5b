"""Mails in a maildir: each a file in `cur` or `new`, with its flags at the end of its name; `tmp` is left alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from worker.history.files.place import MailPlace, NoMail, Report, shown, stamp_of

# The seconds since 1970 at which the mail was delivered begin its name.
_DELIVERED: Final = re.compile(r"([0-9]{9,11})\.")
_FLAGS: Final = re.compile(r"[:;!]2,([A-Za-z]{0,60})$")
LEFT_OUT: Final = {"D": "a draft", "T": "in the trash"}


def places_in_maildir(path: str, report: Report) -> Iterator[MailPlace]:
    """Each mail of a maildir by its name; drafts and what is in the trash are reported and left out.

    Raises OSError, and NoMail where the folder is no maildir.
    """
    folders = [folder for name in ("cur", "new") if (folder := Path(path, name)).is_dir()]
    if not folders:
        raise NoMail(f"{shown(path)} is no maildir: that has a folder `cur` or `new`. {_hint(Path(path))}")
    for file in (file for folder in folders for file in sorted(folder.iterdir())):
        if file.name.startswith(".") or file.is_dir():
            continue
        flags = _FLAGS.search(file.name)
        why = next((words for flag, words in LEFT_OUT.items() if flags and flag in flags[1]), None)
        if why:
            report(f"{shown(str(file))} is {why} and was left out.")
            continue
        try:
            stamp = stamp_of(str(file))
        except OSError as error:
            report(f"{shown(str(file))} cannot be read: {error.strerror}.")
            continue
        except NoMail as reason:
            report(str(reason))
            continue
        delivered = _DELIVERED.match(file.name)
        yield MailPlace(str(file), 0, stamp[1], float(delivered[1]) if delivered else stamp[2] / 1e9, stamp)


def _hint(path: Path) -> str:
    below = [folder for folder in sorted(path.iterdir()) if (folder / "cur").is_dir()]
    if below:
        return f"{shown(str(below[0]))} is one: name that."
    return "Where it holds files that end in .eml, `supportdesk import eml` takes them."
