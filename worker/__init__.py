"""The processes: Celery, transactions, settings and commands."""
