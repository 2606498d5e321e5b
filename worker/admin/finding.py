"""What a check of the doctor finds; a file of its own, since two files of checks make these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from worker.runtime.services import Services


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the installation, and one sentence about what is wrong with it; an empty `trouble` is good news.

    `advice` is a sentence about what works and could be safer; it is shown and is no error, and `found` one of what was
    found where all is well. `blind` says that nobody can tell how the rest is.
    """

    part: str
    trouble: str = ""
    advice: str = ""
    blind: bool = False
    found: str = ""


Check = Callable[[Services], Iterator[Finding]]
