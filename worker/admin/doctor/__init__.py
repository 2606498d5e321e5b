"""The checks of `supportdesk doctor`, and what they find."""
