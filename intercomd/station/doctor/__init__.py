"""What is wrong with a station and its machine, and what to do about it."""
