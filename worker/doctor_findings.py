"""What the doctor says of one part of an installation, and the form of its questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from worker.office import Office


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the installation, and what is wrong with it; an empty `trouble` is good news.

    `advice` is a sentence about what works and could be safer; it is shown, and no error.
    """

    part: str
    trouble: str = ""
    advice: str = ""


Check = Callable[[Office], Iterator[Finding]]
