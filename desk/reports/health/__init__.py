"""How the desk is: facts from the database, and what is found wrong in them."""
