"""The lists of the studio, each with what its details show."""
