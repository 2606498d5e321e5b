"""An OAuth2 client comes in, tokens go out; with a token an account is opened in place of a password (RFC 6749)."""
