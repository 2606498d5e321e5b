"""An IMAP account comes in, its mails by UID and its news go out (RFC 9051, 2177)."""
