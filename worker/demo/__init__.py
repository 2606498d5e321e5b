"""The demonstration: the whole desk on this machine, and a day at it."""
