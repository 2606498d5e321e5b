"""What an operator asks for: migrations, forgetting, changes of tickets."""
