"""Mails in files, as mail programs and servers keep or export them: where each one lies, and its bytes."""
