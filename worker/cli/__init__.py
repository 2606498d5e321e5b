"""The program `supportdesk`: its entry point, its errors and its output."""
