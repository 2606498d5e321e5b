"""Old mail of a mailbox brought along from files: looked through, put in order, taken in or only counted."""
