"""Claimed events come in; the changes they tell of, and what else notices are written from, go out."""
