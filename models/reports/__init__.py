"""The rows that reports, `explain` and the demonstration's story are made from."""
