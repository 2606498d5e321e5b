"""What every process has: services, clock, transaction, limits, logs, bell and terminal."""
