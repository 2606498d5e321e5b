"""Mails of a mailbox come in, committed rows of the ledger go out."""
