"""What the studio shows: pages of mails, of mails of ours and of staff, each at the cost of the first."""
