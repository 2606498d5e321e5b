"""The web application's tables as we see them, and our numbers for their rows."""
