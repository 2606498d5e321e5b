"""The database as a whole: adopted, checked, repaired, reset, and filled with examples."""
