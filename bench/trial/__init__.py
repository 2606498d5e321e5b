"""Stored mails through the rules and the reader once more, measured, and compared with what was stored of them."""
