"""Old tickets leave `public` with all that belongs to them, are found in the archive, and come back as they were."""
