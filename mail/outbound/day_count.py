"""One day of a report's picture, as a value that needs no drawing library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day of the report: its short label, and how many tickets were opened and resolved on it."""

    label: str
    opened: int
    resolved: int
