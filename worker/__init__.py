"""The processes: Celery, settings, transactions, glue and the command line."""
