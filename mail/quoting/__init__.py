"""A text comes in; the sender's own words go out, told apart from quotes, forwards and signatures."""
