"""Every mail as a reader sees it, and what a browser says of it."""
