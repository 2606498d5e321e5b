"""Years of mail on a desk: brought along from files."""
