"""Parts of the settings that need a file of their own: a table or a folder comes in, a checked value goes out."""
