"""The answers of an operator come in, each tried; a settings file with its secrets goes out, whole or not at all."""
