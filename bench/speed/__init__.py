"""`python -m bench.speed`: mails go in; how fast and at what cost they are handled comes out, beside floors."""
