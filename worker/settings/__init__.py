"""supportdesk.toml and the environment come in, one checked value goes out."""
