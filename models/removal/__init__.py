"""What leaves the database, and how: a person who asks to be forgotten."""
