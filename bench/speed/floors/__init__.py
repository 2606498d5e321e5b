"""What the least that can be done with a mailbox takes: the same mails on the same servers come in, figures go out."""
