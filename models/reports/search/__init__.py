"""The search: from tickets to their row of `mail.search`, and from what somebody looks for to the tickets found."""
