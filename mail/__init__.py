"""The wire: bytes become values and values become bytes; it knows nothing of tickets."""
