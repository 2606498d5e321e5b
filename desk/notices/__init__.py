"""A change of a ticket comes in; who is told of it goes out, with the values that the template shows."""
