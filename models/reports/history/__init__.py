"""Stored mails are read back with what became of them, to be read and decided again."""
