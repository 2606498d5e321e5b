"""A process of the benchmark's own that gets ready, waits for a line, works, and answers with a line."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = "ready"


@dataclass(frozen=True, slots=True)
class Child:
    """A running process that can be told and heard line by line."""

    name: str
    process: subprocess.Popen[str]

    def tell(self, line: str) -> None:
        """Give it a line."""
        assert self.process.stdin, "it was opened with a pipe"
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self, word: str = "") -> str:
        """The next line that begins with this word, without its end; RuntimeError where the process ended before it."""
        assert self.process.stdout, "it was opened with a pipe"
        for line in self.process.stdout:
            if line.startswith(word):
                return line.strip()
        raise RuntimeError(f"{self.name} ended before it was done")


@contextmanager
def ready_child(
    name: str, command: Sequence[str], *, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Start a process, wait until it says that it is ready, and end it after the block."""
    pipe = subprocess.PIPE
    # In a session of its own it gets no Ctrl-C: this process ends it.
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environ, start_new_session=True
    ) as process:
        child = Child(name, process)
        try:
            child.hear(READY)
            yield child
        finally:
            process.terminate()
