"""Events come in, judged mails in the outbox go out."""
