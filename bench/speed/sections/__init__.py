"""One file for each section of docs/performance.md."""
