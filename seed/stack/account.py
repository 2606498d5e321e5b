"""The user that servers run as, and a folder that this user can reach: PostgreSQL and Dovecot refuse to be root."""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEARCHABLE = 0o001


class StackError(Exception):
    """A part of the local stack cannot be found or does not start; the message says which, and why."""


class NotInstalledError(StackError):
    """A part of the local stack is not on this machine, and nothing says where else it is."""


def server_uid() -> int:
    """Return our own user id; for root that of `nobody`, or of the user with the lowest id where there is none."""
    if os.geteuid() != 0:
        return os.geteuid()
    users = sorted(pwd.getpwall(), key=lambda user: (user.pw_name != "nobody", user.pw_uid))
    return next(user.pw_uid for user in users if user.pw_uid != 0)


@contextmanager
def private_folder(folder: Path, uid: int, *, keep: bool) -> Iterator[Path]:
    """Make a folder that only this user can read: the one named, or one in /var/tmp where the user cannot reach it.

    Parents are never opened up for it. What is not to be kept is removed at the end.
    """
    place = folder if uid == os.geteuid() or reachable(folder, uid) else shared_place(str(folder.absolute()))
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In a folder that everybody may write to, somebody else may have been there first.
    status = place.lstat()
    if place.is_symlink() or status.st_uid not in (os.geteuid(), uid):
        raise StackError(f"{place} belongs to somebody else")
    if status.st_uid != uid:
        os.chown(place, uid, pwd.getpwuid(uid).pw_gid, follow_symlinks=False)
    try:
        yield place
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def reachable(path: Path, uid: int) -> bool:
    """Whether a user can walk to the path and to what it links to, by the folders above that exist."""
    above = {*path.absolute().parents, *path.resolve().parents}
    found = (folder.stat() for folder in above if folder.exists())
    return all(status.st_mode & SEARCHABLE or status.st_uid == uid for status in found)


def shared_place(name: str) -> Path:
    """Return a folder of ours outside every home, the same one each time for the same name."""
    base = Path("/var/tmp")  # noqa: S108
    digest = hashlib.sha256(f"{os.geteuid()} {name}".encode()).hexdigest()[:16]
    return (base if base.is_dir() else Path(tempfile.gettempdir())) / f"supportdesk-{digest}"
