"""Example people and tickets, a day at the desk, and the servers to try it on."""
