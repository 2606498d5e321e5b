"""The order in which old mails are taken: by their own time, and each after what it answers; made of headers alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from desk.facts import IMPORT_FOLDER
from worker.history.files.eml import places_in_eml
from worker.history.files.maildir import places_in_maildir
from worker.history.files.mbox import places_in_mbox
from worker.history.files.place import FileChanged, MailPlace, NoMail, Report, moment, outline_of, read_head, shown

# No mail is older than the Internet, and clocks are ahead by less than a day.
FIRST: Final = datetime(1980, 1, 1, 12, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
STEP: Final = timedelta(milliseconds=1)


class FileKind(StrEnum):
    """How mails lie in files."""

    MBOX = "mbox"
    MAILDIR = "maildir"
    EML = "eml"


PLACES: Final[dict[FileKind, Callable[[str, Report], Iterator[MailPlace]]]] = {
    FileKind.MBOX: places_in_mbox,
    FileKind.MAILDIR: places_in_maildir,
    FileKind.EML: places_in_eml,
}


class CannotImport(Exception):
    """Nothing was imported from what was named; the message is a sentence that says what to do."""


@dataclass(slots=True)
class Planned:
    """A mail that is to be taken, and its time; `folder` is the name of what was named on the command line.

    `after` is the place in the plan of the mail that it answers.
    """

    place: MailPlace
    folder: str
    at: datetime
    after: int | None
    depth: int = 0


@dataclass(slots=True)
class Plan:
    """All mails in their order, and what was found beside them, as sentences.

    `undated` is how many had no usable date and took that at which they were kept.
    """

    mails: list[Planned] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    left_out: int = 0
    undated: int = 0
    unreadable: int = 0

    @property
    def size(self) -> int:
        """The bytes of all mails."""
        return sum(one.place.size for one in self.mails)


def make_plan(kind: FileKind, paths: Sequence[str], now: datetime, seen: Callable[[int], None]) -> Plan:
    """Look through all files, of which only headers are read; `seen` is told how many mails were found so far.

    Raises CannotImport where something that was named is not there, cannot be read or holds no mail.
    """
    plan, own, parents = Plan(), dict[bytes, int](), list[tuple[bytes, ...]]()
    for path in paths:
        _check(kind, path)
        folder = IMPORT_FOLDER + shown(Path(path).resolve().name).replace("\0", "")[:200]
        try:
            for place in PLACES[kind](path, lambda sentence: _leave_out(plan, sentence)):
                _add(plan, place, folder, now, own, parents)
                seen(len(plan.mails))
        except NoMail as reason:
            raise CannotImport(str(reason)) from None
        except OSError as error:
            raise CannotImport(f"{shown(path)} cannot be read: {error.strerror}.") from None
    if not plan.mails:
        raise CannotImport(f"There is no mail in {', '.join(map(shown, paths))} that could be taken.")
    for one, named in zip(plan.mails, parents, strict=True):
        one.after = next((own[parent] for parent in named if parent in own), None)
    _date_after_parents(plan.mails)
    order = sorted(range(len(plan.mails)), key=lambda at: (plan.mails[at].at, plan.mails[at].depth, at))
    plan.mails = [plan.mails[at] for at in order]
    return plan


def _check(kind: FileKind, path: str) -> None:
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        raise CannotImport(f"There is no {shown(path)}.") from None
    except OSError as error:
        raise CannotImport(f"{shown(path)} cannot be read: {error.strerror}.") from None
    if kind is FileKind.MBOX and S_ISDIR(mode):
        raise CannotImport(f"{shown(path)} is a folder, and an mbox is a file: name that, or use another form.")
    if kind is FileKind.MAILDIR and not S_ISDIR(mode):
        raise CannotImport(f"{shown(path)} is a file, and a maildir is a folder: name that, or use another form.")


def _leave_out(plan: Plan, sentence: str) -> None:
    plan.sentences.append(sentence)
    plan.left_out += 1


def _add(
    plan: Plan, place: MailPlace, folder: str, now: datetime, own: dict[bytes, int], parents: list[tuple[bytes, ...]]
) -> None:
    try:
        outline = outline_of(read_head(place))
    except OSError as error:
        plan.sentences.append(f"{place.name} cannot be read: {error.strerror}.")
        plan.unreadable += 1
        return
    except FileChanged as reason:
        raise CannotImport(f"{reason} Copy it first, or stop what writes into it.") from None
    before = plan.mails[-1].at if plan.mails else None
    kept_at = moment(place.kept_at) if place.kept_at is not None else None
    dates = (one for one in (outline.date, kept_at, before) if one and FIRST <= one <= now + AHEAD)
    at = next(dates, FIRST)
    plan.undated += at != outline.date
    if place.cut:
        plan.sentences.append(
            f"{place.name} is cut off: the file ends in the middle of a line; it is taken as far as it goes."
        )
    if outline.own is not None:
        own.setdefault(outline.own, len(plan.mails))
    parents.append(outline.parents)
    plan.mails.append(Planned(place, folder, at, None))


def _date_after_parents(mails: Sequence[Planned]) -> None:
    """Let no mail be older than what it answers, whatever clocks said; a circle ends at a mail that was met before."""
    settled = bytearray(len(mails))
    for first in range(len(mails)):
        chain, at = list[int](), first
        while not settled[at]:
            settled[at] = 1
            chain.append(at)
            parent = mails[at].after
            if parent is None:
                break
            at = parent
        for child in reversed(chain):
            parent = mails[child].after
            if parent is not None and parent != child:
                mails[child].at = max(mails[child].at, mails[parent].at + STEP)
                mails[child].depth = mails[parent].depth + 1
