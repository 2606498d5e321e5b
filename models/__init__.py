"""The database: every table and every SQL statement."""
