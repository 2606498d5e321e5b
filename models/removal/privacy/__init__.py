"""A person comes in; every row that holds their words, bytes or name is found, counted, erased or masked."""
