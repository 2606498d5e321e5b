"""Earlier answers for a new ticket: which are to like questions, and what of them may be shown; texts in, texts out."""
