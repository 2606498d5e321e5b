"""One file for each command of `supportdesk`, listed in the table of `worker/cli/main.py`."""
