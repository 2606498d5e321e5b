"""The grammar of a message: bytes come in, headers, addresses, parts and texts go out (RFC 5322, 2045)."""
