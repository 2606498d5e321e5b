"""A new ticket and the routing rules come in; its priority, category and owner go out."""
