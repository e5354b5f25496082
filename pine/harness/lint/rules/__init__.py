"""What the lint demands, by subject."""
