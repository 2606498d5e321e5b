"""Copies for people: the whole desk, or what it has of one person, as lines of JSON."""
