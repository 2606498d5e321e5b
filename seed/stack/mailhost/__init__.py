"""A mail provider in memory: SMTP in, IMAP and a web page over every inbox out."""
