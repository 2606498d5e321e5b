"""Due mails of the outbox come in, SMTP and an outcome for each go out."""
