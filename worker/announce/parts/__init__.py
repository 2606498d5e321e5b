"""What stands in a mail beside its template: buttons, what it answers, what was asked to be read, earlier answers."""
