"""The settings of a mailbox come in; servers with the passwords or tokens that open them go out."""
