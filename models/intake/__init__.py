"""The questions on one mail come in, all facts that decide it go out."""
