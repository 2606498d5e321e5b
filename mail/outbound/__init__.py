"""Values and templates come in; texts, HTML, pictures and the bytes of a mail of ours go out (RFC 5322)."""
