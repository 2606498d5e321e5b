"""The chart of a report."""
