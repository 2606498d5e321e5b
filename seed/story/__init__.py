"""A day at the desk as data, and the mails and mail programs of the people in it."""
