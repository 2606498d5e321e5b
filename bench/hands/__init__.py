"""What an operator does with a large desk, measured: lists, rules tried, mail brought along, tickets put away."""
