"""Two trees beside each other on the same servers: mails go in, ratios of time and CPU come out."""
