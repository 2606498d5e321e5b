"""What the commands print: health, settings, templates, tickets and mails as lines, tables and pages."""
