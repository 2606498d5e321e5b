"""Mails that came before: brought along from elsewhere, and stored ones decided again, for a look or for good."""
