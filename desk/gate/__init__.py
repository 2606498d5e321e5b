"""A mail of ours and its facts come in; whether it may go out now, later or not at all goes out."""
