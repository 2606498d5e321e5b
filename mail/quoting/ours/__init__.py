"""A text and mails of ours come in; which of its lines and words are ours goes out."""
