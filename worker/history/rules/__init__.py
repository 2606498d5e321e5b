"""Routing rules come in, those that are in force or others; what is wrong with them and what they would do goes out."""
