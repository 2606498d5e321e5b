"""Rows of tickets and a schedule come in; the figures of a report go out, and when it is due."""
