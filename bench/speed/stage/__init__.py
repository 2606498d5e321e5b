"""What is measured: servers with desks on them, their processes, and the tree whose code those run."""
