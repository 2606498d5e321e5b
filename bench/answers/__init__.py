"""Sixty answers of agents as nine mail programs write them, and what the customer must get of each."""
