"""Tickets with their comments, notes, files and participants, and the Message-IDs by which mails find them."""
