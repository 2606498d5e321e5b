"""The headers and the wording of a mail come in; the signs go out that a program wrote it, each with its weight."""
