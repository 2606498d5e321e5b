"""What templates are given: the types of the values, and examples."""
