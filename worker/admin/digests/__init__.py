"""What admins are told of without having asked: mails that wait for them, doubtful accounts, a desk without staff."""
