"""What leaves the database as a copy: rows as values of JSON, read page by page by their keys."""
