"""`python -m bench.robust`: real mails go through the whole path; each must be in the ledger and decided."""
