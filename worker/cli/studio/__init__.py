"""A window on the data for a browser on this machine: pages on the functions that the commands have, too."""
