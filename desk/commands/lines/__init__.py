"""The words of a mail come in; commands, lines that were meant as such, greetings and thanks go out."""
