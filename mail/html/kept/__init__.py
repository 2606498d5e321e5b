"""The HTML form of words that a text decision kept: what it left out is left out here too, or there is no HTML."""
