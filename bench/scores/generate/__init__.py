"""Mails made for the scores: answers to our own mails, persons' mails, and the automatic answers of programs."""
