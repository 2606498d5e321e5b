"""The servers of a desk on this machine: PostgreSQL, Valkey, Dovecot and a mail server, started and stopped."""
