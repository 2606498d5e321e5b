"""Stored mails are read and decided again by what the program and the rules are today, for a look or for good."""
