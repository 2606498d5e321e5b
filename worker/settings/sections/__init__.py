"""Tables of the settings that need a file of their own: a table of the file comes in, a checked value goes out."""
