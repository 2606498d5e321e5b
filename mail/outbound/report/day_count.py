"""One day of the report's chart; apart from `chart`, since the desk makes these values and must not load matplotlib."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day: its short label, and how many tickets were opened and resolved on it."""

    label: str
    opened: int
    resolved: int
