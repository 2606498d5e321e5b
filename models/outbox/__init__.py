"""The table mail.outbox: mails of ours come in; what is due, what the gate asks and what they granted go out."""
