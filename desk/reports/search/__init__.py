"""What is looked for in tickets: texts become words, and a line that somebody wrote becomes what has to stand there."""
