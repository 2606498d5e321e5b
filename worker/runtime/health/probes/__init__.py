"""What `supportdesk serve` answers: the facts of status come in, metrics and probes go out by HTTP."""
