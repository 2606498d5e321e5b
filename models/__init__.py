"""The database: every table and every statement."""
