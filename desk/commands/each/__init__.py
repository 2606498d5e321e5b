"""One file a command, each with its `COMMAND`; `desk/commands/table.py` lists them."""
