"""A mail and what is known of it come in; its ticket, its sender's standing and what it may do go out."""
