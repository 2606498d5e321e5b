"""What somebody asks to read by mail: the question as a value, what the database answers, and how a mail shows it."""
