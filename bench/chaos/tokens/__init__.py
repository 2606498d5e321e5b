"""The tokens of a chaos run: a provider that gives them, logins that ask for them, and their ends one by one."""
