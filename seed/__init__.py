"""Example people, tickets and mails, and the local stack to try the desk on."""
