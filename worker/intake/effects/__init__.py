"""What commands ask for beside the fields of a ticket comes in as effects; rows and what was done go out."""
