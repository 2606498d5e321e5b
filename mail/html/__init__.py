"""An HTML body comes in, plain text without what is hidden or quoted goes out."""
