"""A mail that may be decided again, as lines for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.history.again import DecidedAgain


def lines_of(one: "DecidedAgain") -> Iterator[str]:
    """What was, and what may come."""
    yield f"Mail {one.mail} from {one.sender or 'nobody'}: {one.subject}"
    by = f" by {one.rule}" if one.rule else ""
    yield f"  It was {one.fate}{by}: {one.reason}"
    yield f"  {one.may_come}"
