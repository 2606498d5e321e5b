"""Long runs with mails and tickets of years: brought along, and put away."""
