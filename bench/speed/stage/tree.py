"""A checkout of this project whose code is measured: this one, or that of another revision."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOCK = Path("requirements/dev.txt")
RUNNER = ROOT / "bench" / "speed" / "compare" / "runner.py"


@dataclass(frozen=True, slots=True)
class Tree:
    """A checkout: what it is called, its folder, and the interpreter that has what it needs."""

    name: str
    folder: Path
    python: Path

    @property
    def settings(self) -> dict[str, str]:
        """The variables that let a process have this tree's code and its shipped settings."""
        return {"PYTHONPATH": str(self.folder), "SUPPORTDESK_CONFIG": str(self.folder / "supportdesk.toml")}

    @property
    def runner(self) -> list[str]:
        """The command of a process that works with this tree's code as it is told."""
        return [str(self.python), "-P", str(RUNNER)]

    def command(self, words: Sequence[str]) -> list[str]:
        """A command of ours, which begins with our interpreter, as this tree's."""
        variables = [f"{name}={value}" for name, value in self.settings.items()]
        return ["/usr/bin/env", *variables, str(self.python), *words[1:]]

    def prepare(self, agents: Sequence[str]) -> None:
        """Migrate the database that our environment names, and give it its staff."""
        said = f"prepare {' '.join(agents)}\n"
        subprocess.run(
            self.runner, input=said.encode(), env=os.environ | self.settings, check=True, capture_output=True
        )

    def require_own_code(self) -> Path:
        """Where its processes find the code of `worker`; RuntimeError where that is not in its folder."""
        ask = [str(self.python), "-P", "-c", "import worker; print(worker.__file__)"]
        environ = os.environ | self.settings
        answer = subprocess.run(ask, env=environ, cwd="/", check=True, capture_output=True, text=True)
        found = Path(answer.stdout.strip()).resolve()
        if not found.is_relative_to(self.folder.resolve()):
            raise RuntimeError(f"{self.name} would run the code of {found}, and not that of {self.folder}")
        return found


def this_tree() -> Tree:
    """The checkout that this code is of, with what is not committed."""
    return Tree("this tree", ROOT, Path(sys.executable))


@contextmanager
def tree_of(revision: str, folder: Path) -> Iterator[Tree]:
    """A revision, checked out below a folder until the end of the block, or a checkout that is there, by its folder.

    It gets an environment of its own only where its lock is not ours.
    """
    if Path(revision).is_dir():
        yield _with_python(revision, Path(revision).resolve())
        return
    place = folder / "tree"
    _git("worktree", "add", "--quiet", "--detach", str(place), revision)
    try:
        yield _with_python(revision, place)
    finally:
        _git("worktree", "remove", "--force", str(place))


def _with_python(name: str, folder: Path) -> Tree:
    if (folder / LOCK).read_bytes() == (ROOT / LOCK).read_bytes():
        return Tree(name, folder, Path(sys.executable))
    if not (folder / ".venv" / "bin" / "python").exists():
        make = shutil.which("make") or "make"
        outside = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
        words = [make, "--directory", str(folder), ".venv/dev.stamp", f"PYTHON={sys.executable}"]
        subprocess.run(words, check=True, env=outside, stdout=sys.stderr)
    return Tree(name, folder, folder / ".venv" / "bin" / "python")


def _git(*words: str) -> None:
    # Ctrl-C is for us: what is begun is ended.
    subprocess.run(["git", "-C", str(ROOT), *words], check=True, start_new_session=True)
