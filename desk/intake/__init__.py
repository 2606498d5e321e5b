"""One assessed mail comes in, one decision with its rule and its evidence goes out."""
