"""The loaded settings come in, each value goes out with where it came from; and each key with what it means."""
