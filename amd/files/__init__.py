"""From a problem file to a task: the text with its lines, every fault at once, and exact numbers throughout."""
