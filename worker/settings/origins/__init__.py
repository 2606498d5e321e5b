"""The loaded settings come in, each value goes out with where it came from."""
