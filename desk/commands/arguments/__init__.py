"""The words behind the name of a command come in; whom, which ticket or which text they mean goes out."""
