"""How the desk is: the pulse of each process, what it says of the whole, and the watchman who tells of it."""
