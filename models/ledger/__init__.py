"""The table mail.ledger: every mail of every mailbox comes in, its bytes and its fate go out."""
