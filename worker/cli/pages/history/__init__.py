"""What is printed of mails that came before: brought along, tried by other rules, decided again."""
