"""A row of the ledger comes in; its decision is carried out and committed with its fate."""
