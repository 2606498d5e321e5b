"""A delivery report comes in; the recipients who were not reached go out, and why (RFC 3463, 3464)."""
