"""Long runs by hand: each prints a table and ends with status 1 where a promise did not hold."""
