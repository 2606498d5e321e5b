"""`python -m bench.chaos`: mails go in while processes are killed; each must have its one effect."""
