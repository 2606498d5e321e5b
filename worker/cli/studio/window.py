"""What all pages of the studio share: the database to read, the one to write, and who writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.db.statement import only_read
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

# Nobody looks at a page that has not come by then, and the database shall not go on for it.
STATEMENT_SECONDS: Final = 15.0


class OnceMarks:
    """One for each form that was shown, by which it is known when it comes a second time."""

    def __init__(self) -> None:
        self._taken = set[str]()

    def new(self) -> str:
        """A mark that no other form has."""
        return token_hex(16)

    def take(self, mark: str) -> bool:
        """Whether a form may be done; not where its mark was taken before. One without a mark may always."""
        if mark in self._taken:
            return False
        if mark:
            self._taken.add(mark)
        return True

    def give_back(self, mark: str) -> None:
        """Let a form be sent again that was not done."""
        self._taken.discard(mark)


@dataclass(slots=True)
class Window:
    """What the pages read and write with.

    `reads` is an engine whose transactions cannot write. Without `--write` there is no other, and `writes` is None.
    `by` is the address of who writes; `services` are those of the settings, where there are any. `said` is what was
    done last, which the next page shows. `marks` are those of forms that must not be done twice.
    """

    reads: Engine
    writes: Engine | None = None
    by: str = ""
    services: Services | None = None
    said: list[str] = field(default_factory=list)
    marks: OnceMarks = field(default_factory=OnceMarks)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session that reads, and whose statements end before nobody waits for them any more."""
        with transaction(self.reads) as session:
            only_read(session, STATEMENT_SECONDS)
            yield session

    def take_said(self) -> list[str]:
        """What is to be shown now, and not again."""
        said, self.said = self.said, []
        return said


# What a page shows, made of a session in a thread of its own.
Reader = Callable[[Session], object]
