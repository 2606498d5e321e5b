"""The tasks of each queue in a file of its own, which only the workers of that queue import."""
