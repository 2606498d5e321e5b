"""The demonstration: a whole desk is started, a day is played at it, and what must come of it is checked."""
