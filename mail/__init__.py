"""The wire: bytes become values and values become bytes; knows no tickets and no database."""
