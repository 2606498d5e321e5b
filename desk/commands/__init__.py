"""The command lines of a mail come in; changes of a ticket and an answer to each line go out."""
