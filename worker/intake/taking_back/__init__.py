"""`#undo`: what a mail changed is kept with the values before, and put back."""
