"""Headers come in; what our own mail server says of the sender goes out (RFC 8601, 8617)."""
