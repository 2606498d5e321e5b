"""Handing a mail to an SMTP server (RFC 5321), with its commands in one flight where the server can (RFC 2920)."""
